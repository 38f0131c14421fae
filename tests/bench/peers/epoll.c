/* The floor: the least that a WebSocket server in C does to tell everybody. One epoll loop, one frame, one send each.
 *
 * Started as `epoll PORT` by the benchmark alone. Whatever text one socket says goes to every socket. A reader that is
 * slow gets what waits for it later, in order; it never holds up the others. No TLS, no fragments, no extensions.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 65536, MOST = 65536 };
typedef struct {
    int fd, open, place;
    size_t length, waiting, room;
    unsigned char *late;
    unsigned char in[4096];
} Socket;

static Socket *everybody[MOST];
static int count, watcher;

static uint32_t turned(uint32_t word, int by) { return word << by | word >> (32 - by); }

/* SHA-1 of a text shorter than 120 bytes (FIPS 180-4, section 6.1). */
static void sha1(const char *text, unsigned char digest[20]) {
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, w[80];
    unsigned char padded[128] = {0};
    size_t length = strlen(text), whole = length < 56 ? 64 : 128;
    memcpy(padded, text, length), padded[length] = 0x80;
    for (int i = 0; i < 8; i++) padded[whole - 1 - (size_t)i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    for (unsigned char *block = padded; block < padded + whole; block += 64) {
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
        for (int i = 16; i < 80; i++) w[i] = turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
            uint32_t next = turned(a, 5) + f + e + k + w[i];
            e = d, d = c, c = turned(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const unsigned char digest[20], char text[29]) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char whole[21] = {0};
    memcpy(whole, digest, 20);
    for (int i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)whole[3 * i] << 16 | (uint32_t)whole[3 * i + 1] << 8 | whole[3 * i + 2];
        for (int j = 0; j < 4; j++) text[4 * i + j] = letters[three >> (18 - 6 * j) & 63];
    }
    text[27] = '=', text[28] = 0;
}

static void leave(Socket *s) {
    if (s->open) everybody[s->place] = everybody[--count], everybody[s->place]->place = s->place;
    close(s->fd), free(s->late), free(s);
}

static void wish(Socket *s, uint32_t events) {
    struct epoll_event told = {.events = events, .data.ptr = s};
    epoll_ctl(watcher, EPOLL_CTL_MOD, s->fd, &told);
}

static void put(Socket *s, const unsigned char *bytes, size_t length) {
    ssize_t sent = s->waiting ? 0 : send(s->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return; /* its end comes as an event */
    size_t rest = length - (size_t)(sent < 0 ? 0 : sent);
    if (!rest) return;
    if (s->waiting + rest > s->room) s->late = realloc(s->late, s->room = (s->waiting + rest) * 2);
    memcpy(s->late + s->waiting, bytes + length - rest, rest);
    if (!s->waiting) wish(s, EPOLLIN | EPOLLOUT);
    s->waiting += rest;
}

static void catch_up(Socket *s) {
    ssize_t sent = send(s->fd, s->late, s->waiting, MSG_NOSIGNAL);
    if (sent <= 0) return;
    memmove(s->late, s->late + sent, s->waiting - (size_t)sent);
    if (!(s->waiting -= (size_t)sent)) wish(s, EPOLLIN);
}

static size_t framed(unsigned char *frame, const unsigned char *text, size_t length) {
    size_t head = 0;
    frame[head++] = 0x81;
    if (length < 126) frame[head++] = (unsigned char)length;
    else frame[head++] = 126, frame[head++] = (unsigned char)(length >> 8), frame[head++] = (unsigned char)length;
    memcpy(frame + head, text, length);
    return head + length;
}

static void tell_everybody(const unsigned char *text, size_t length) {
    static unsigned char frame[LONGEST];
    size_t whole = framed(frame, text, length);
    for (int i = 0; i < count; i++) put(everybody[i], frame, whole);
}

/* Answer the handshake and greet; 0 where this is none. */
static int greet(Socket *s) {
    static const char greeting[] = "{\"type\":\"hello\"}";
    unsigned char digest[20], frame[64];
    char joined[128], accept[29], answer[256];
    char *key = strcasestr((char *)s->in, "sec-websocket-key:"), *end = key ? strstr(key, "\r\n") : NULL;
    if (!end) return 0;
    for (key += 18; *key == ' '; key++);
    if (end - key > 64) return 0;
    snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)(end - key), key);
    sha1(joined, digest), base64(digest, accept);
    int length = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    s->open = 1, s->length = 0, s->place = count, everybody[count++] = s;
    put(s, (unsigned char *)answer, (size_t)length);
    put(s, frame, framed(frame, (const unsigned char *)greeting, sizeof greeting - 1));
    return 1;
}

/* What one socket says; 0 where it is leaving. */
static int listen_to(Socket *s) {
    ssize_t got = recv(s->fd, s->in + s->length, sizeof s->in - 1 - s->length, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    s->length += (size_t)got, s->in[s->length] = 0;
    if (!s->open) return strstr((char *)s->in, "\r\n\r\n") ? greet(s) : s->length < sizeof s->in - 1;
    for (;;) {
        size_t head = 2, length = s->in[1] & 127;
        if (s->length < 2) return 1;
        if (length == 127) return 0;
        if (length == 126) length = (size_t)s->in[2] << 8 | s->in[3], head = 4;
        if (head + 4 + length > sizeof s->in - 1) return 0;
        if (s->length < head + 4 + length) return 1;
        unsigned char *mask = s->in + head, *text = mask + 4;
        for (size_t i = 0; i < length; i++) text[i] ^= mask[i & 3];
        if ((s->in[0] & 15) == 8) return 0;
        if ((s->in[0] & 15) == 1) tell_everybody(text, length);
        s->length -= head + 4 + length;
        memmove(s->in, s->in + head + 4 + length, s->length);
    }
}

static void welcome(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), yes = 1;
    if (fd < 0) return;
    Socket *s = calloc(1, sizeof *s);
    s->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event told = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(watcher, EPOLL_CTL_ADD, fd, &told);
}

int main(int words, char **word) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (words != 2) return 2;
    where.sin_port = htons((uint16_t)atoi(word[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (void *)&where, sizeof where) || listen(listener, 4096)) { perror("epoll"); return 1; }
    watcher = epoll_create1(0);
    struct epoll_event told = {.events = EPOLLIN, .data.ptr = NULL}, news[256];
    epoll_ctl(watcher, EPOLL_CTL_ADD, listener, &told);
    for (;;) {
        int came = epoll_wait(watcher, news, 256, -1);
        for (int i = 0; i < came; i++) {
            Socket *s = news[i].data.ptr;
            if (!s) welcome(listener);
            else if (news[i].events & (EPOLLERR | EPOLLHUP)) leave(s);
            else {
                if (news[i].events & EPOLLOUT) catch_up(s);
                if (news[i].events & EPOLLIN && !listen_to(s)) leave(s);
            }
        }
    }
}
