/* The sockets of the crowd: handshake, frames, and who heard what. See crowd.c. */
#include "boards.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

Board *boards;
int size, port, socket_io, watcher, up, refused, lost_boards, header_count, orders_wait;
const char *path;
char **headers;
long first_mark, marks, *said, *heard, everything, doubles, frames;
int *heard_by;

long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void gone(Board *board) {
    if (board->state == GONE) return;
    if (board->state == UP) lost_boards++, up--;
    else refused++;
    board->state = GONE;
    close(board->fd);
}

static void put(Board *board, const void *bytes, size_t length) {
    const char *rest = bytes;
    while (length) {
        ssize_t sent = send(board->fd, rest, length, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) { usleep(200); continue; }
        if (sent < 0) { gone(board); return; }
        rest += sent, length -= (size_t)sent;
    }
}

void put_frame(Board *board, int opcode, const char *text, size_t length) {
    static unsigned char frame[65536 + 16];
    static const unsigned char mask[4] = {0x5a, 0x21, 0xc3, 0x7e};
    size_t head = 0;
    frame[head++] = (unsigned char)(0x80 | opcode);
    if (length < 126) frame[head++] = (unsigned char)(0x80 | length);
    else frame[head++] = 0x80 | 126, frame[head++] = (unsigned char)(length >> 8), frame[head++] = (unsigned char)length;
    memcpy(frame + head, mask, 4), head += 4;
    for (size_t i = 0; i < length; i++) frame[head + i] = (unsigned char)text[i] ^ mask[i & 3];
    put(board, frame, head + length);
}

static void is_up(Board *board, long at) {
    board->state = UP, board->up_at = at, up++;
}

static void hear(Board *board, long mark, long at) {
    long place = mark - first_mark;
    if (place < 0 || place >= marks) return;
    long *cell = &heard[place * size + board->number];
    if (*cell) { doubles++; return; }
    *cell = at, heard_by[place]++, everything++;
}

static void text_came(Board *board, char *text, size_t length, long at) {
    static const char sign[] = "\"position\":";
    char *end = text + length;
    frames++;
    if (socket_io) {
        if (length && text[0] == '2') { put_frame(board, 1, "3", 1); return; }
        if (length && text[0] == '0') { put_frame(board, 1, "40", 2); return; }
        if (length > 1 && text[0] == '4' && text[1] == '0' && board->state == GREETING) { is_up(board, at); return; }
    } else if (board->state == GREETING) { is_up(board, at); return; }
    while ((text = memmem(text, (size_t)(end - text), sign, sizeof sign - 1))) {
        text += sizeof sign - 1;
        hear(board, strtol(text, NULL, 10), at);
    }
}

static void frames_came(Board *board, long at) {
    size_t done = 0;
    while (board->state != GONE && board->length - done >= 2) {
        unsigned char *frame = board->in + done;
        size_t head = 2, length = frame[1] & 127u;
        if (length == 126) {
            if (board->length - done < 4) break;
            length = (size_t)frame[2] << 8 | frame[3], head = 4;
        } else if (length == 127) {
            if (board->length - done < 10) break;
            length = 0, head = 10;
            for (int i = 2; i < 10; i++) length = length << 8 | frame[i];
        }
        if (board->length - done < head + length) break;
        char *text = (char *)frame + head, kept = text[length];
        text[length] = 0;
        switch (frame[0] & 15) {
            case 1: text_came(board, text, length, at); break;
            case 8: gone(board); break;
            case 9: put_frame(board, 10, text, length); break;
        }
        text[length] = kept;
        done += head + length;
    }
    memmove(board->in, board->in + done, board->length - done);
    board->length -= done;
}

static void shaken(Board *board, long at) {
    board->in[board->length] = 0;
    char *end = strstr((char *)board->in, "\r\n\r\n");
    if (!end) return;
    if (!strstr((char *)board->in, " 101 ")) { gone(board); return; }
    size_t head = (size_t)(end + 4 - (char *)board->in);
    memmove(board->in, board->in + head, board->length - head);
    board->length -= head, board->state = GREETING;
    frames_came(board, at);
}

static void bytes_came(Board *board) {
    while (board->state != GONE) {
        if (board->room - board->length < 16384) board->in = realloc(board->in, board->room = board->room * 2 + 32768);
        size_t room = board->room - board->length - 1;
        ssize_t got = recv(board->fd, board->in + board->length, room, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) { gone(board); return; }
        long at = now();
        board->length += (size_t)got;
        if (board->state == SHAKING) shaken(board, at);
        else frames_came(board, at);
        if ((size_t)got < room) return;
    }
}

static void connected(Board *board) {
    int trouble = 0;
    socklen_t length = sizeof trouble;
    getsockopt(board->fd, SOL_SOCKET, SO_ERROR, &trouble, &length);
    if (trouble) { gone(board); return; }
    struct epoll_event wish = {.events = EPOLLIN, .data.ptr = board};
    epoll_ctl(watcher, EPOLL_CTL_MOD, board->fd, &wish);
    char request[4096];
    int written = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://127.0.0.1:%d\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n",
        path, port, port, header_count ? headers[board->number % header_count] : "");
    board->state = SHAKING;
    put(board, request, (size_t)written);
}

void look(int milliseconds) {
    struct epoll_event news[512];
    int count = epoll_wait(watcher, news, 512, milliseconds);
    for (int i = 0; i < count; i++) {
        Board *board = news[i].data.ptr;
        if (!board) orders_wait = 1;
        else if (board->state == CONNECTING) connected(board);
        else if (board->state != GONE && board->state != NEW) bytes_came(board);
    }
}

void open_board(Board *board, int number) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int yes = 1;
    inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
    board->number = number, board->length = 0, board->state = CONNECTING;
    board->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (board->fd < 0) { perror("socket"); exit(1); }
    setsockopt(board->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event wish = {.events = EPOLLOUT, .data.ptr = board};
    epoll_ctl(watcher, EPOLL_CTL_ADD, board->fd, &wish);
    if (connect(board->fd, (void *)&where, sizeof where) < 0 && errno != EINPROGRESS) gone(board);
}

