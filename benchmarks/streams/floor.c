/* The least that telling many clients can cost: a loop of send() over their sockets, and nothing else.
 *
 * floor COUNT OPENING_FILE: prints its port, answers COUNT clients with the contents of OPENING_FILE, then for each line on
 * stdin, a file's name, sends that file's contents to each of them and prints when it began and ended (nanoseconds of
 * CLOCK_MONOTONIC).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char content[1 << 24];

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

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = atoi(argv[1]), one = 1, *sockets = malloc(sizeof(int) * (size_t)count);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    size_t size = read_whole(argv[2]);
    char asked[4096];
    for (int i = 0; i < count; i++) {
        sockets[i] = accept(listener, NULL, NULL);
        if (sockets[i] < 0) return 1;
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (recv(sockets[i], asked, sizeof asked, 0) <= 0) return 1;
        if (send(sockets[i], content, size, MSG_NOSIGNAL) != (ssize_t)size) return 1;
    }
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        size = read_whole(line);
        unsigned long long began = now();
        for (int i = 0; i < count; i++)
            if (send(sockets[i], content, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size) perror("send");
        printf("{\"began\": %llu, \"ended\": %llu}\n", began, now());
        fflush(stdout);
    }
    return 0;
}
