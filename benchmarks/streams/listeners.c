/* Many clients of one stream in one thread: opens them, says when each of them heard something, and lets them come back.
 *
 * listeners PORT COUNT REQUEST_FILE COMES_BACK
 *
 * Commands on stdin, one a line: "watch WORDS" (until the next watch, note when each client first receives WORDS),
 * "told" (say what was noted so far), "sync" (say how many are in sync and how they were answered), "quit". What happens is said on stdout, one JSON object a line; times are
 * nanoseconds of CLOCK_MONOTONIC. With COMES_BACK 1 a client whose stream ends or is refused comes back as SDKs do:
 * after a second, doubled at each failure up to thirty, less up to half by chance.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TAIL 64
#define OPENING_AT_ONCE 1000
#define STATUSES 600

enum state { AWAY, CONNECTING, ASKED, ANSWERED, IN_PUT, IN_SYNC };

struct client {
    int fd;
    enum state state;
    int failures;
    uint64_t returns_at;
    uint64_t heard_at;
    int tail_length;
    char tail[TAIL];
};

static struct client *clients;
static int count, opening, in_sync, comes_back, epoll_fd;
static char request[4096], watched[TAIL];
static size_t request_length;
static struct sockaddr_in address;
static long statuses[STATUSES], refused, cut, ended;
static int heard, said_in_sync;
static char buffer[1 << 18];

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_time(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void tell_heard(void) {
    uint64_t *times = malloc(sizeof(uint64_t) * (size_t)(count + 1));
    int n = 0;
    for (int i = 0; i < count; i++)
        if (clients[i].heard_at) times[n++] = clients[i].heard_at;
    qsort(times, (size_t)n, sizeof(uint64_t), by_time);
    printf("{\"heard\": %d, \"first\": %llu, \"median\": %llu, \"last\": %llu}\n", n,
           (unsigned long long)(n ? times[0] : 0), (unsigned long long)(n ? times[n / 2] : 0),
           (unsigned long long)(n ? times[n - 1] : 0));
    fflush(stdout);
    free(times);
}

static void tell_sync(void) {
    printf("{\"in_sync\": %d, \"at\": %llu, \"refused\": %ld, \"cut\": %ld, \"ended\": %ld, \"statuses\": {", in_sync,
           (unsigned long long)now(), refused, cut, ended);
    const char *comma = "";
    for (int status = 0; status < STATUSES; status++)
        if (statuses[status]) {
            printf("%s\"%d\": %ld", comma, status, statuses[status]);
            comma = ", ";
        }
    printf("}}\n");
    fflush(stdout);
}

static void leave(struct client *c, int failed) {
    if (c->state == IN_SYNC) in_sync--;
    else if (c->state != AWAY) opening--;
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    said_in_sync = 0;
    c->failures = failed ? c->failures + 1 : 0;
    c->state = AWAY;
    double wait = (double)(1u << (c->failures > 5 ? 5 : c->failures));
    if (wait > 30) wait = 30;
    wait *= 1 - 0.5 * drand48();
    c->returns_at = comes_back ? now() + (uint64_t)(wait * 1e9) : UINT64_MAX;
}

static void come(struct client *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->state = CONNECTING;
    c->tail_length = 0;
    opening++;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        refused++;
        leave(c, 1);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void ask(struct client *c) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || send(c->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) {
        refused++;
        leave(c, 1);
        return;
    }
    c->state = ASKED;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

/* Whether words are in what was received, also across the border to what came before. */
static int has(const struct client *c, const char *received, size_t n, const char *words) {
    size_t length = strlen(words);
    if (memmem(received, n, words, length)) return 1;
    char border[2 * TAIL];
    size_t head = n < TAIL ? n : TAIL;
    memcpy(border, c->tail, (size_t)c->tail_length);
    memcpy(border + c->tail_length, received, head);
    return memmem(border, (size_t)c->tail_length + head, words, length) != NULL;
}

static void keep_tail(struct client *c, const char *received, size_t n) {
    if (n >= TAIL) {
        memcpy(c->tail, received + n - TAIL, TAIL);
        c->tail_length = TAIL;
        return;
    }
    size_t kept = (size_t)c->tail_length;
    if (kept + n > TAIL) {
        size_t gone = kept + n - TAIL;
        memmove(c->tail, c->tail + gone, kept - gone);
        kept -= gone;
    }
    memcpy(c->tail + kept, received, n);
    c->tail_length = (int)(kept + n);
}

static int answered(struct client *c) {
    int status = 0;
    if (sscanf(buffer, "HTTP/1.1 %3d", &status) != 1 || status >= STATUSES) status = 0;
    statuses[status]++;
    if (status != 200) {
        leave(c, 1);
        return 0;
    }
    c->state = ANSWERED;
    return 1;
}

static void receive(struct client *c) {
    for (;;) {
        ssize_t n = recv(c->fd, buffer, sizeof buffer - 1, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) {
            int is_clean = n == 0 && c->tail_length >= 5 && !memcmp(c->tail + c->tail_length - 5, "0\r\n\r\n", 5);
            if (is_clean) ended++;
            else cut++;
            leave(c, c->state != IN_SYNC);
            return;
        }
        buffer[n] = 0;
        size_t size = (size_t)n;
        if (c->state == ASKED && !answered(c)) return;
        if (c->state == ANSWERED && has(c, buffer, size, "event: put\n")) c->state = IN_PUT;
        if (c->state == IN_PUT && has(c, buffer, size, "}\n\n")) {
            c->state = IN_SYNC;
            c->failures = 0;
            opening--;
            in_sync++;
        }
        if (watched[0] && !c->heard_at && has(c, buffer, size, watched)) {
            c->heard_at = now();
            if (++heard == count) tell_heard();
        }
        keep_tail(c, buffer, size);
        if (size < sizeof buffer - 1) return;
    }
}

static void obey(void) {
    static char line[256];
    if (!fgets(line, sizeof line, stdin) || !strncmp(line, "quit", 4)) exit(0);
    line[strcspn(line, "\n")] = 0;
    if (!strncmp(line, "watch ", 6)) {
        for (int i = 0; i < count; i++) clients[i].heard_at = 0;
        heard = 0;
        snprintf(watched, sizeof watched, "%.63s", line + 6);
        printf("{\"watching\": true}\n");
        fflush(stdout);
    } else if (!strncmp(line, "told", 4)) {
        tell_heard();
    } else if (!strncmp(line, "sync", 4)) {
        tell_sync();
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    setvbuf(stdin, NULL, _IONBF, 0);
    srand48(getpid());
    count = atoi(argv[2]);
    comes_back = atoi(argv[4]);
    FILE *file = fopen(argv[3], "r");
    if (!file) return 2;
    request_length = fread(request, 1, sizeof request, file);
    fclose(file);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    clients = calloc((size_t)count, sizeof *clients);
    for (int i = 0; i < count; i++) clients[i].fd = -1;
    epoll_fd = epoll_create1(0);
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &commands);
    struct epoll_event events[1024];
    for (;;) {
        if (in_sync < count) {
            uint64_t at = now();
            for (int i = 0; i < count && opening < OPENING_AT_ONCE; i++)
                if (clients[i].state == AWAY && clients[i].returns_at <= at) come(&clients[i]);
        } else if (!said_in_sync) {
            tell_sync();
            said_in_sync = 1;
        }
        int n = epoll_wait(epoll_fd, events, 1024, in_sync < count ? 5 : -1);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (!c) obey();
            else if (c->state == CONNECTING) ask(c);
            else if (c->state != AWAY) receive(c);
        }
    }
}
