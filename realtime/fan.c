/* One frame to many sockets: `realtime/fan.py` says what for. Keeps Python's lock, so that no thread comes between. */

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* Python ignores the signal anyway */
#endif

/* The number in the name is of what it takes and gives: another one, another number.
   Offers the frame to each socket once, without waiting. `taken` gets the bytes that the kernel took, or the error's
   number made negative; returns to how many sockets not all of it went. */
int dido_fan_1(const int *sockets, int many, const char *frame, size_t length, int *taken) {
    int unfinished = 0;
    for (int place = 0; place < many; place++) {
        ssize_t went;
        do {
            went = send(sockets[place], frame, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (went < 0 && errno == EINTR);
        taken[place] = went < 0 ? -errno : (int)went;
        unfinished += taken[place] != (int)length;
    }
    return unfinished;
}
