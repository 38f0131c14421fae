/* A crowd of boards: so many WebSockets in one thread, each of which notes when it heard which event.
 *
 * Started by crowd.py, which writes commands to its standard input and reads one line for each. It is in C so that its
 * own cost hides no difference between two servers. Built with `gcc -O2`. An event is any text with "position":K in it;
 * one message may hold several. Moments are nanoseconds of CLOCK_MONOTONIC, as Python's time.monotonic_ns().
 */
#include "boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static int by_moment(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return x < y ? -1 : x > y;
}

static void join(int at_once, double patience) {
    int begun = 0, came = 0;
    long *moments = calloc((size_t)size, sizeof *moments);
    long begun_at = now(), until = begun_at + (long)(patience * 1e9);
    up = refused = lost_boards = 0;
    while (up + refused < size && now() < until) {
        while (begun < size && begun - up - refused < at_once) open_board(&boards[begun], begun), begun++;
        look(20);
    }
    for (int i = 0; i < begun; i++) if (boards[i].state == UP) moments[came++] = boards[i].up_at - begun_at;
    qsort(moments, (size_t)came, sizeof *moments, by_moment);
    printf("joined %d %d %ld %ld\n", up, size - up, came ? moments[came / 2] : 0, came ? moments[came - 1] : 0);
    free(moments);
}

static void leave(void) {
    for (int i = 0; i < size; i++)
        if (boards[i].state != NEW && boards[i].state != GONE) close(boards[i].fd);
    for (int i = 0; i < size; i++) boards[i].state = NEW;
    puts("left");
}

static void watch(long first, long count) {
    free(said), free(heard), free(heard_by);
    first_mark = first, marks = count, everything = doubles = frames = 0;
    said = calloc((size_t)count, sizeof *said), heard_by = calloc((size_t)count, sizeof *heard_by);
    heard = calloc((size_t)(count * size), sizeof *heard);
    puts("watching");
}

static void say(long mark, long at) {
    static char text[1200];
    int length = 0, whole = 1024 + (socket_io ? 11 : 0);
    if (socket_io) length = sprintf(text, "42[\"event\",");
    length += sprintf(text + length, "{\"type\":\"event\",\"position\":%ld,\"text\":\"", mark);
    while (length < whole - 2) text[length] = (char)('a' + length % 26), length++;
    length += sprintf(text + length, socket_io ? "\"}]" : "\"}");
    said[mark - first_mark] = at ? at : now();
    put_frame(&boards[0], 1, text, (size_t)length);
}

static void pace(long first, long count, long every) {
    long begun = now() + 20000000L;
    for (long i = 0; i < count; i++) {
        long due = begun + i * every;
        while (now() < due) look(due - now() > 2000000L ? 1 : 0);
        say(first + i, due);
        look(0);
    }
    puts("paced");
}

static void settle(double patience) {
    long until = now() + (long)(patience * 1e9);
    while (everything < marks * up && now() < until) look(5);
    printf("settled %ld %ld %d\n", everything, doubles, lost_boards);
}

static void all_heard(long mark, double patience) {
    long until = now() + (long)(patience * 1e9);
    while (heard_by[mark - first_mark] < up && now() < until) look(5);
    printf("heard %d\n", heard_by[mark - first_mark]);
}

static void dump(const char *file) {
    FILE *out = fopen(file, "wb");
    if (!out) { perror(file); exit(1); }
    fwrite(said, sizeof *said, (size_t)marks, out);
    fwrite(heard, sizeof *heard, (size_t)(marks * size), out);
    fclose(out);
    puts("dumped");
}

static void cost(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("cost %.6f %ld\n", (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
        + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6, frames);
}

static int obey(const char *line) {
    long a = 0, b = 0, c = 0;
    double seconds = 0;
    char file[1024];
    if (sscanf(line, "join %ld %lf", &a, &seconds) == 2) join((int)a, seconds);
    else if (sscanf(line, "watch %ld %ld", &a, &b) == 2) watch(a, b);
    else if (sscanf(line, "say %ld", &a) == 1) say(a, 0), puts("said");
    else if (sscanf(line, "all %ld %lf", &a, &seconds) == 2) all_heard(a, seconds);
    else if (sscanf(line, "pace %ld %ld %ld", &a, &b, &c) == 3) pace(a, b, c);
    else if (sscanf(line, "settle %lf", &seconds) == 1) settle(seconds);
    else if (sscanf(line, "dump %1023s", file) == 1) dump(file);
    else if (!strncmp(line, "leave", 5)) leave();
    else if (!strncmp(line, "cost", 4)) cost();
    else return 0;
    fflush(stdout);
    return 1;
}

static void read_headers(const char *file) {
    FILE *in = fopen(file, "r");
    char *line = NULL;
    size_t room = 0;
    if (!in) { perror(file); exit(1); }
    while (getline(&line, &room, in) > 0) {
        line[strcspn(line, "\n")] = 0;
        headers = realloc(headers, sizeof *headers * (size_t)(header_count + 1));
        headers[header_count] = malloc(strlen(line) + 3);
        sprintf(headers[header_count++], "%s\r\n", line);
    }
    fclose(in);
}

int main(int count, char **words) {
    if (count < 5) { fprintf(stderr, "crowd PORT PATH BOARDS plain|socketio [FILE OF HEADERS]\n"); return 2; }
    port = atoi(words[1]), path = words[2], size = atoi(words[3]), socket_io = !strcmp(words[4], "socketio");
    if (count > 5) read_headers(words[5]);
    boards = calloc((size_t)size, sizeof *boards);
    watcher = epoll_create1(0);
    struct epoll_event orders = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(watcher, EPOLL_CTL_ADD, STDIN_FILENO, &orders);
    for (char line[2048];;) {
        look(1000);
        if (!orders_wait) continue;
        orders_wait = 0;
        ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
        if (got <= 0) return 0;
        line[got] = 0;
        if (!obey(line)) { fprintf(stderr, "not understood: %s", line); return 2; }
    }
}
