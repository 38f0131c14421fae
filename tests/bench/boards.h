/* What boards.c (the sockets) and crowd.c (the commands) share. */
#define _GNU_SOURCE
#include <stddef.h>

enum State { NEW, CONNECTING, SHAKING, GREETING, UP, GONE };
typedef struct {
    int fd, number;
    enum State state;
    unsigned char *in;
    size_t length, room;
    long up_at;
} Board;

extern Board *boards;
extern int size, port, socket_io, watcher, up, refused, lost_boards, header_count, orders_wait;
extern const char *path;
extern char **headers;
extern long first_mark, marks, *said, *heard, everything, doubles, frames;
extern int *heard_by;

long now(void);
void open_board(Board *board, int number);
void put_frame(Board *board, int opcode, const char *text, size_t length);
void look(int milliseconds);
