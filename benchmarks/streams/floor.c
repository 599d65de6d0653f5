/* The least that telling many clients can cost: a loop of send() over their sockets, and nothing else.
 *
 * floor PID PORT: takes a duplicate of every open socket that process PID serves on PORT, and prints how many those are.
 * Then, for each line on stdin, a file's name, sends that file's contents to each of them and prints when it began and
 * ended (nanoseconds of CLOCK_MONOTONIC).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char content[1 << 24];
static int *sockets, count;

static unsigned long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long long)t.tv_sec * 1000000000u + (unsigned long long)t.tv_nsec;
}

static size_t read_whole(const char *name) {
    FILE *file = fopen(name, "r");
    if (!file) exit(2);
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    return size;
}

static int serves(int fd, int port) {
    struct sockaddr_in own = {0}, peer;
    socklen_t length = sizeof own, of_peer = sizeof peer;
    return !getsockname(fd, (struct sockaddr *)&own, &length) && own.sin_family == AF_INET && ntohs(own.sin_port) == port &&
           !getpeername(fd, (struct sockaddr *)&peer, &of_peer);
}

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* In the order in which the process numbers them, which is that in which they were opened. */
static void take_sockets(int pid, int port) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    int process = (int)syscall(SYS_pidfd_open, pid, 0), *theirs = NULL, found = 0;
    DIR *folder = opendir(path);
    if (process < 0 || !folder) {
        perror(path);
        exit(1);
    }
    for (struct dirent *each; (each = readdir(folder));) {
        theirs = realloc(theirs, sizeof(int) * (size_t)(found + 1));
        if (each->d_name[0] != '.') theirs[found++] = atoi(each->d_name);
    }
    closedir(folder);
    qsort(theirs, (size_t)found, sizeof *theirs, by_number);
    sockets = malloc(sizeof(int) * (size_t)(found + 1));
    for (int i = 0; i < found; i++) {
        int fd = (int)syscall(SYS_pidfd_getfd, process, theirs[i], 0);
        if (fd < 0) continue; /* closed meanwhile */
        if (serves(fd, port)) sockets[count++] = fd;
        else close(fd);
    }
    free(theirs);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    take_sockets(atoi(argv[1]), atoi(argv[2]));
    printf("%d\n", count);
    fflush(stdout);
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        size_t size = read_whole(line);
        unsigned long long began = now();
        for (int i = 0; i < count; i++)
            if (send(sockets[i], content, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size) perror("send");
        printf("{\"began\": %llu, \"ended\": %llu}\n", began, now());
        fflush(stdout);
    }
    return 0;
}
