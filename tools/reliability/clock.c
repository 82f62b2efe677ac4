/* A wall clock that jumps: preloaded (LD_PRELOAD), it adds to CLOCK_REALTIME the seconds that the file $CLOCK_FILE says
   at that moment, a double. Files that are touched get this clock's time too, as those of another machine would.
   The monotonic clock is the machine's own: no operating system lets that jump. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static volatile double *ahead;

__attribute__((constructor)) static void look(void) {
    const char *path = getenv("CLOCK_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) ahead = page;
    close(file);
}

static void shift(struct timespec *now) {
    double whole = ahead ? floor(*ahead) : 0;
    now->tv_sec += (time_t)whole;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, now);
    if (!failed && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) shift(now);
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec found;
    (void)zone;
    int failed = clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *put) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (put) *put = found.tv_sec;
    return found.tv_sec;
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
    static int (*real)(int, const char *, const struct timespec *, int);
    if (!real) real = (int (*)(int, const char *, const struct timespec *, int))dlsym(RTLD_NEXT, "utimensat");
    struct timespec now[2];
    if (times) return real(folder, path, times, flags);
    clock_gettime(CLOCK_REALTIME, &now[0]);
    now[1] = now[0];
    return real(folder, path, now, flags);
}
