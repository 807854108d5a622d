/* A disk that takes longer to sync, for LD_PRELOAD: SYNC_DELAY microseconds after every sync. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int file) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *delay = getenv("SYNC_DELAY");
    int answer = sync(file);
    usleep(delay ? (useconds_t)atoi(delay) : 0);
    return answer;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
