/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A Fluent Bit filter in another language than C: the symbol that the host looks for, its callbacks, and the host's
 * functions. It knows the host, not what the filter does. The host's functions are weak, so that
 * the file links without it and a missing one can be told.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "_cgo_export.h"
#include "internal/gate/gate.h"
#include "shim.h"

extern const char *flb_filter_get_property(const char *key, struct instance *ins) __attribute__((weak));
extern void flb_filter_set_context(struct instance *ins, void *context) __attribute__((weak));
extern const char *flb_filter_name(struct instance *ins) __attribute__((weak));
extern const char *flb_input_name(void *input) __attribute__((weak));
extern void flb_log_print(int level, const char *file, int line, const char *format, ...) __attribute__((weak));

static pid_t loaded_in;
static struct filter_plugin *self;

__attribute__((constructor)) static void remember_process(void) { loaded_in = getpid(); }

int shim_forked(void) { return getpid() != loaded_in; }

void shim_log(int level, const char *line)
{
    static const char *const words[] = {"", "error", " warn", " info", "debug"};
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    if (flb_log_print) {
        flb_log_print(level, NULL, 0, "%s", line);
        return;
    }
    strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", localtime_r(&now, &tm));
    fprintf(stderr, "[%s] [%s] %s\n", stamp, words[level], line);
}

const char *shim_property(struct instance *ins, const char *key) { return flb_filter_get_property(key, ins); }

/* Reports whether a pointer can be one to a structure in mapped memory. */
static int mapped(const void *p)
{
    unsigned char in_core;
    uintptr_t page = (uintptr_t)p & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

    return p && (uintptr_t)p % sizeof(void *) == 0 && mincore((void *)page, 1, &in_core) == 0;
}

/* Reports whether the instance has the layout that shim.h says: its name and its plugin are where they should be. */
static int familiar(struct instance *ins)
{
    size_t n = strlen(self->name);

    return strncmp(ins->name, self->name, n) == 0 && ins->name[n] == '.' && mapped(ins->plugin) &&
           ins->plugin->name == self->name;
}

struct property *shim_next_property(struct instance *ins, struct property *p)
{
    struct list *here = p ? &p->link : &ins->properties, *next = here->next;

    if (next == &ins->properties || !mapped(next) || next->prev != here) {
        return NULL;
    }
    return (struct property *)((char *)next - offsetof(struct property, link));
}

struct property *shim_first_property(struct instance *ins, int *known)
{
    struct list *all = &ins->properties;

    *known = familiar(ins) && mapped(all->next) && mapped(all->prev) && all->next->prev == all && all->prev->next == all;
    return *known ? shim_next_property(ins, NULL) : NULL;
}

const char *shim_name(struct instance *ins) { return flb_filter_name ? flb_filter_name(ins) : self->name; }

int shim_log_level(struct instance *ins) { return familiar(ins) ? ins->log_level : -1; }

/* Reports whether a text of at most size bytes is a plugin's name with an instance's number: "systemd.0". */
static int numbered(const char *text, size_t size)
{
    size_t dot = 0, i;

    while (dot < size && (islower((unsigned char)text[dot]) || isdigit((unsigned char)text[dot]) || text[dot] == '_')) {
        dot++;
    }
    for (i = dot + 1; dot > 0 && i < size && isdigit((unsigned char)text[i]); i++) {
    }
    return dot > 0 && i > dot + 1 && i < size && text[dot] == '.' && text[i] == '\0';
}

/*
 * Returns the host's own name of an input, or NULL. flb_input_name gives an alias where there is one,
 * which says nothing about the plugin. The name proper is a part of the instance, and the pointer to
 * the alias stands behind it, aligned: so from 2.2 to 5.1.
 *
 * A processor of an output brings an output's instance in the place of an input. What flb_input_name
 * makes of that is no name, and is not followed: nothing is read but the first bytes of the instance,
 * which is larger in either case.
 */
static const char *input_name(const void *input)
{
    enum { BEHIND = 256, NAME = 32 }; /* the pointer to the alias ends before; the length of a name */
    const char *start = input, *name;
    const void *alias;

    if (!input || !flb_input_name) {
        return NULL;
    }
    name = flb_input_name((void *)input);
    if ((uintptr_t)name - (uintptr_t)start <= BEHIND - NAME) { /* a part of the instance */
        return numbered(name, NAME) ? name : NULL;
    }
    for (size_t at = NAME + 8; name && at + sizeof(alias) <= BEHIND; at += sizeof(alias)) {
        memcpy(&alias, start + at, sizeof(alias));
        if (alias == name) {
            name = start + at - NAME;
            return numbered(name - 4, NAME) ? name - 4 : numbered(name, NAME) ? name : NULL;
        }
    }
    return NULL;
}

/* Says why this filter does not start, before the other language can. */
static int refuse(const char *why)
{
    char line[512];

    snprintf(line, sizeof(line), "[filter:%s] %s", self->name, why);
    shim_log(1, line);
    return -1;
}

/* What the host keeps of an instance: the other language's handle, and the gate before it. */
struct context {
    uintptr_t filter;
    struct gate *gate;
};

/* The host calls this before init, and alone with --dry-run and before a hot reload stops anything. What is not wrong with the
 * settings is for init to say. */
static int filter_pre_run(struct instance *ins, void *config, void *data)
{
    return shim_forked() || !flb_filter_get_property ? 0 : goFilterCheck(ins);
}

static int filter_init(struct instance *ins, void *config, void *data)
{
    struct context *c;

    if (shim_forked()) { /* the other language's threads did not survive the fork: do not enter it */
        return refuse("daemon mode is not possible with this plugin, since it is loaded before Fluent Bit forks: start Fluent Bit "
                      "in the foreground (Daemon off, no -d) under a service manager such as systemd");
    }
    if (!flb_filter_get_property || !flb_filter_set_context) {
        return refuse("this host does not offer what a filter of Fluent Bit 2.2 or newer calls: use Fluent Bit 2.2 or newer");
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        return refuse("out of memory");
    }
    c->filter = goFilterInit(ins, &c->gate);
    if (c->filter == 0) {
        free(c);
        return -1;
    }
    flb_filter_set_context(ins, c);
    return 0;
}

static int filter_run(const void *data, size_t bytes, const char *tag, int tag_len, void **out, size_t *out_bytes,
                     struct instance *ins, void *input, void *context, void *config)
{
    struct context *c = context;

    switch (gate_try(c->gate, tag, tag_len, data, bytes)) {
    case GATE_PASS:
        return FILTER_NOTOUCH;
    case GATE_DROP:
        *out = NULL;
        *out_bytes = 0;
        return FILTER_MODIFIED;
    }
    return goFilterRun(c->filter, (char *)input_name(input), (void *)data, bytes, (char *)tag, tag_len, out, out_bytes);
}

static int filter_exit(void *context, void *config)
{
    struct context *c = context;

    if (c) {
        goFilterExit(c->filter);
        free(c);
    }
    return 0;
}

/* The host finds this symbol by the name of the file, and keeps a copy of it. */
struct filter_plugin filter_oom_kill_plugin = {
    .event_type = 1, /* logs */
    .name = "oom_kill",
    .description = "One structured record for each process that the kernel's OOM killer killed",
    .pre_run = filter_pre_run,
    .init = filter_init,
    .filter = filter_run,
    .exit = filter_exit,
};
static struct filter_plugin *self = &filter_oom_kill_plugin;
