/* Loaded before libc (LD_PRELOAD) into a process under test.
 *
 * Pulls its plug at its n-th write: counts what goes into files and sockets and ends the process with SIGKILL when the
 * count is reached. Pipes, terminals and memory are left alone: what is said there is no fact.
 *
 *   PLUG_AT=n      the n-th write does not happen; without it nothing is ever pulled
 *   PLUG_TORN=1    half of the n-th write happens
 *   PLUG_COUNT=f   at a good end the number of writes is stored in the file f
 *
 * Puts its wall clock back, so that what is forbidden at night can be tested at night:
 *
 *   CLOCK_BACK=s   by so many seconds
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long count;
static long at;
static int torn;
static long back;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("PLUG_AT");
    at = text ? atol(text) : 0;
    torn = getenv("PLUG_TORN") != NULL;
    text = getenv("CLOCK_BACK");
    back = text ? atol(text) : 0;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("PLUG_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", __atomic_load_n(&count, __ATOMIC_SEQ_CST));
        fclose(file);
    }
}

static void pull(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether this write is the one; half of it may still be let through by the caller. */
static int is_last(int fd) {
    struct stat what;
    if (fd <= 2 || fstat(fd, &what) != 0 || !(S_ISREG(what.st_mode) || S_ISSOCK(what.st_mode))) return 0;
    return __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == at;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    if (is_last(fd)) {
        if (torn) real(fd, bytes, length / 2);
        pull();
    }
    return real(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    if (is_last(fd)) {
        if (torn) real(fd, bytes, length / 2, offset);
        pull();
    }
    return real(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    if (is_last(fd)) {
        if (torn) real(fd, bytes, length / 2, offset);
        pull();
    }
    return real(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *pieces, int length) {
    REAL(writev);
    if (is_last(fd)) {
        if (torn && length > 0) write(fd, pieces[0].iov_base, pieces[0].iov_len / 2);
        pull();
    }
    return real(fd, pieces, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    REAL(send);
    if (is_last(fd)) {
        if (torn) real(fd, bytes, length / 2, flags);
        pull();
    }
    return real(fd, bytes, length, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    REAL(sendto);
    if (is_last(fd)) {
        if (torn) real(fd, bytes, length / 2, flags, to, size);
        pull();
    }
    return real(fd, bytes, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    if (is_last(fd)) pull();
    return real(fd, message, flags);
}

int fsync(int fd) {
    REAL(fsync);
    if (is_last(fd)) pull();
    return real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    if (is_last(fd)) pull();
    return real(fd);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec -= back;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    REAL(gettimeofday);
    int result = real(now, zone);
    if (result == 0) now->tv_sec -= back;
    return result;
}

time_t time(time_t *now) {
    struct timespec read;
    clock_gettime(CLOCK_REALTIME, &read);
    if (now) *now = read.tv_sec;
    return read.tv_sec;
}
