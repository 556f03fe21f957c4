/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A Fluent Bit input in another language than C: the symbol that the host looks for, its callbacks, and the host's functions, which are
 * weak for the reason that shim.c has.
 *
 * The host's struct of an input plugin has four layouts. Which one this host has is seen by the size of an input plugin of its own,
 * and a host of another size is refused.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "_cgo_export.h"
#include "input_shim.h"
#include "shim.h"

typedef int collect(void *ins, void *config, void *context);

extern const char *flb_input_get_property(const char *key, void *ins) __attribute__((weak));
extern void flb_input_set_context(void *ins, void *context) __attribute__((weak));
extern const char *flb_input_name(void *ins) __attribute__((weak));
extern int flb_input_log_check(void *ins, int level) __attribute__((weak));
extern int flb_input_log_append(void *ins, const char *tag, size_t tag_len, const void *data, size_t bytes) __attribute__((weak));
extern int flb_input_set_collector_time(void *ins, collect *, time_t seconds, long nanoseconds, void *config) __attribute__((weak));
extern int flb_input_set_collector_event(void *ins, collect *, int fd, void *config) __attribute__((weak));
extern void *flb_input_get_cmt_instance(void *ins) __attribute__((weak));

/* The words of the struct that have never moved. */
enum { NAME = 3, DESCRIPTION = 4, CONFIG_MAP = 5, INIT = 6 };

/* The layouts of the struct, by its size in words. */
static const struct layout {
    size_t words;
    int pause, resume, exit;
} layouts[] = {
    {19, 11, 12, 14}, /* 2.1 to 3.1 */
    {20, 12, 13, 15}, /* 3.2.0 to 3.2.2: a notification before */
    {26, 12, 13, 15}, /* 3.2.3 to 5.0: a test's formatter behind */
    {29, 12, 13, 18}, /* 5.1: pause and resume that are checked, and an exit beforehand */
};

/* The host finds this symbol by the name of the file, and copies as many words of it as its own struct has. */
uintptr_t in_oom_kill_plugin[64];

static size_t host_words; /* of the host's struct; 0 where it cannot be measured */
static const struct layout *layout;

/* Returns the size of a variable of the host's own and its address, 0 where there is none of this name. */
static size_t size_of(const char *name, const void **at, void **object)
{
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;

    *at = dlsym(RTLD_DEFAULT, name);
    if (!*at || !dladdr1(*at, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol || info.dli_saddr != *at) {
        return 0;
    }
    *object = info.dli_fbase;
    return symbol->st_size;
}

/* Returns the size of the host's struct in words. A host that was built with few plugins may lack the first, which filters need. */
static size_t measure(void)
{
    static const char *const plugins[] = {"in_emitter_plugin",       "in_storage_backlog_plugin", "in_lib_plugin",   "in_tail_plugin",
                                          "in_stream_processor_plugin", "in_systemd_plugin",         "in_kmsg_plugin",  "in_forward_plugin",
                                          "in_dummy_plugin",         "in_cpu_plugin",             "in_mem_plugin",   "in_random_plugin",
                                          "in_stdin_plugin",         "in_tcp_plugin",             "in_syslog_plugin"};
    const void *at;
    void *object;

    for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
        size_t size = size_of(plugins[i], &at, &object);
        if (size > 0) {
            return size % sizeof(uintptr_t) == 0 ? size / sizeof(uintptr_t) : 0;
        }
    }
    return 0;
}

/* The beginning of a setting that the host is to know; a value that has grown, and a link, follow. */
struct setting {
    int type;
    const char *name, *initial;
    int flags, set;
    uintptr_t offset;
    const char *description;
};

/* The sizes of a setting: up to 5.0.2, and since. */
static const size_t setting_sizes[] = {96, 104};

/* The input's settings; a test compares them with those that package input reads. */
static const char *const keys[] = {"Emit",
                                   "Path",
                                   "Cursor",
                                   "Warnings",
                                   "Warnings_Cgroups",
                                   "Warnings_Near_Limit",
                                   "Warnings_Available",
                                   "Warnings_Pressure",
                                   "Warnings_Per_Minute",
                                   "Format",
                                   "Include_Original",
                                   "Tasks_Top",
                                   "Observations",
                                   "Sigkill",
                                   "Memory_Stat",
                                   "Host_Name",
                                   "Names",
                                   "Root_Path",
                                   "Max_Memory"};
enum { KEYS = sizeof(keys) / sizeof(*keys) };

static char settings[(KEYS + 1) * 104]; /* in the host's layout; one without a name ends them */

/* Reports whether an array of the host's settings, read in steps of a size, is one: names of the host's own, and none in the last. */
static int steps(const char *array, size_t size, size_t step, const void *object)
{
    Dl_info text;

    if (size % step != 0 || size < 3 * step || ((struct setting *)(array + size - step))->name) {
        return 0;
    }
    for (size_t i = 0; i + step < size; i += step) {
        const char *name = ((struct setting *)(array + i))->name;
        if (!name || !dladdr(name, &text) || text.dli_fbase != object) {
            return 0;
        }
    }
    return 1;
}

/* Returns the size of a setting in this host, 0 where it is not known. */
static size_t setting_size(void)
{
    static const char *const arrays[] = {"input_global_properties", "upstream_net", "tls_configmap"};
    size_t found = 0;
    const void *at;
    void *object;

    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays) && !found; i++) {
        size_t size = size_of(arrays[i], &at, &object);
        for (size_t s = 0; size > 0 && s < sizeof(setting_sizes) / sizeof(*setting_sizes); s++) {
            if (steps(at, size, setting_sizes[s], object)) {
                if (found) {
                    return 0;
                }
                found = setting_sizes[s];
            }
        }
    }
    return found;
}

const char *input_shim_key(size_t i) { return i < KEYS ? keys[i] : NULL; }

int input_shim_keys_known(void) { return in_oom_kill_plugin[CONFIG_MAP] != 0; }

const char *input_shim_property(void *ins, const char *key) { return flb_input_get_property(key, ins); }

const char *input_shim_name(void *ins) { return flb_input_name ? flb_input_name(ins) : "oom_kill"; }

int input_shim_log_level(void *ins)
{
    int level = 1;

    while (level < 4 && (flb_input_log_check ? flb_input_log_check(ins, level + 1) : level < 3)) {
        level++;
    }
    return level;
}

int input_shim_append(void *ins, const void *data, size_t bytes) { return flb_input_log_append(ins, NULL, 0, data, bytes); }

void *input_shim_metrics(void *ins) { return flb_input_get_cmt_instance ? flb_input_get_cmt_instance(ins) : NULL; }

/* Says why this input does not start, before the other language can. */
static int refuse(void *ins, const char *why)
{
    char line[768];

    snprintf(line, sizeof(line), "[input:oom_kill:%s] %s", input_shim_name(ins), why);
    shim_log(1, line);
    return -1;
}

static int refuse_layout(void *ins)
{
    char why[512];
    int n;

    if (host_words == 0) {
        return refuse(ins, "this Fluent Bit has no input plugin of its own whose size can be seen, so that its layout is not known: use one "
                           "that was built with the input emitter, as the official ones are");
    }
    n = snprintf(why, sizeof(why), "this Fluent Bit's struct flb_input_plugin has %zu bytes, a layout that is not known; known are",
                 host_words * sizeof(uintptr_t));
    for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
        n += snprintf(why + n, sizeof(why) - n, "%s %zu", i ? "," : "", layouts[i].words * sizeof(uintptr_t));
    }
    snprintf(why + n, sizeof(why) - n, " (Fluent Bit 2.1 to 5.1): use one of these versions, or a newer version of this plugin, or read "
                                       "with the input kmsg and the filter oom_kill");
    return refuse(ins, why);
}

/* Reports whether this is a thread of an input's own, which the host names so. An append from there is queued, and may be lost. */
static int threaded(void)
{
    char name[17] = "";

    return prctl(PR_GET_NAME, name) == 0 && strncmp(name, "flb-in-", 7) == 0;
}

/* What the host keeps of an instance. */
struct context {
    uintptr_t input; /* the other language's handle */
    int event;       /* is written to when there is something to append */
};

/* The host calls this when there is something to append. */
static int collect_event(void *ins, void *config, void *context)
{
    struct context *c = context;
    uint64_t n;

    if (read(c->event, &n, sizeof(n)) == sizeof(n)) {
        goInputCollect(c->input, ins, 0);
    }
    return 0;
}

/* The host calls this each second. */
static int collect_time(void *ins, void *config, void *context)
{
    goInputCollect(((struct context *)context)->input, ins, 1);
    return 0;
}

static void input_pause(void *context, void *config) { goInputPause(((struct context *)context)->input); }

static void input_resume(void *context, void *config) { goInputResume(((struct context *)context)->input); }

static int input_exit(void *context, void *config)
{
    struct context *c = context;

    if (c) {
        goInputExit(c->input);
        close(c->event);
        free(c);
    }
    return 0;
}

static int input_init(void *ins, void *config, void *data)
{
    struct context *c;

    if (shim_forked()) { /* the other language's threads did not survive the fork: do not enter it */
        return refuse(ins, "daemon mode is not possible with this plugin, since it is loaded before Fluent Bit forks: start Fluent Bit "
                           "in the foreground (Daemon off, no -d) under a service manager such as systemd");
    }
    if (!layout) {
        return refuse_layout(ins);
    }
    if (!flb_input_get_property || !flb_input_set_context || !flb_input_log_append || !flb_input_set_collector_time ||
        !flb_input_set_collector_event) {
        return refuse(ins, "this host does not offer what an input of Fluent Bit 2.2 or newer calls: use Fluent Bit 2.2 or newer");
    }
    if (threaded()) {
        return refuse(ins, "Threaded \"on\" is not possible: what is appended in a thread of its own can be lost: leave the key out, or "
                           "set it to off; nothing is read until then");
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        return refuse(ins, "out of memory");
    }
    c->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (c->event < 0) {
        free(c);
        return refuse(ins, "no event descriptor can be made: raise the limit of open files (ulimit -n)");
    }
    c->input = goInputInit(ins, c->event);
    if (c->input == 0) {
        close(c->event);
        free(c);
        return -1;
    }
    if (flb_input_set_collector_event(ins, collect_event, c->event, config) < 0 || flb_input_set_collector_time(ins, collect_time, 1, 0, config) < 0) {
        input_exit(c, config);
        return refuse(ins, "the host takes no collectors");
    }
    flb_input_set_context(ins, c);
    return 0;
}

/* Fills the symbol in the layout of this host. The host copies it when constructors have run. */
__attribute__((constructor)) static void lay_out(void)
{
    uintptr_t *p = in_oom_kill_plugin;
    size_t size = setting_size();

    p[NAME] = (uintptr_t)"oom_kill";
    p[DESCRIPTION] = (uintptr_t)"One structured record for each process that this kernel's OOM killer killed";
    p[INIT] = (uintptr_t)input_init;
    host_words = measure();
    for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
        if (layouts[i].words == host_words) {
            layout = &layouts[i];
            p[layout->pause] = (uintptr_t)input_pause;
            p[layout->resume] = (uintptr_t)input_resume;
            p[layout->exit] = (uintptr_t)input_exit;
        }
    }
    for (size_t i = 0; size > 0 && i < KEYS; i++) {
        struct setting *s = (struct setting *)(settings + i * size);
        s->name = keys[i];
        s->description = "see the README of this input";
        p[CONFIG_MAP] = (uintptr_t)settings;
    }
}
