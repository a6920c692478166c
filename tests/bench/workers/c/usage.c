/*
 * usage PROGRAM [ARGUMENT]...   runs a program to its end and prints its CPU time and peak memory as one line of JSON.
 *
 * A program of its own because a peak begins with that of whoever starts it, and this one is small.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double milliseconds(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        execvp(arguments[1], arguments + 1);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return 1;
    printf("{\"cpu_ms\":%.3f,\"peak_kb\":%ld,\"status\":%d}\n", milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 0;
}
