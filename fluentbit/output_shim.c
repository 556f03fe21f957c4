/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a Fluent Bit output in another language that must run in C: what may be called after a fork, and what is measured. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "output_shim.h"
#include "shim.h"

extern const char *flb_output_name(void *ins) __attribute__((weak));
extern void *flb_output_get_cmt_instance(void *ins) __attribute__((weak));
extern int flb_output_set_property(void *ins, const char *key, const char *value) __attribute__((weak));

/* The host's functions, in the order that they have kept since Fluent Bit 2.2. */
struct host_api {
    void *get_property[2], *get_metrics[2], *log_print, *input_log_check;
    int (*output_log_check)(void *ins, int level);
};

struct go_plugin {
    char *name;
    struct host_api *api;
    void *ins, *context;
};

struct plugin_definition {
    int type, proxy, flags;
    char *name, *description;
    int event_type;           /* since 5.0, and in late 4.2 */
    struct setting *settings; /* since 5.1.1: the first of them; one without a name ends them */
};

/* A setting that the host is to know, as it is in 5.1. */
struct setting {
    int type;
    char *name, *initial;
    int flags, set;
    uintptr_t offset;
    char *description;
    void *value[5], *link[2];
};

/* The settings that every output has, in the host's own layout. */
extern struct setting output_global_properties[] __attribute__((weak));

/* Reports whether the host's settings have the layout above: its own, read so, are what they are. */
static int settings_familiar(void)
{
    Dl_info object, text;
    const ElfW(Sym) *symbol = NULL;
    size_t n, i;

    if (!output_global_properties ||
        !dladdr1(output_global_properties, &object, (void **)&symbol, RTLD_DL_SYMENT) || !symbol ||
        object.dli_saddr != (void *)output_global_properties || symbol->st_size % sizeof(struct setting) != 0) {
        return 0;
    }
    n = symbol->st_size / sizeof(struct setting);
    if (n < 3 || output_global_properties[n - 1].name) {
        return 0;
    }
    for (i = 0; i < n - 1; i++) { /* each name is a text of the host's own */
        if (!dladdr(output_global_properties[i].name, &text) || text.dli_fbase != object.dli_fbase) {
            return 0;
        }
    }
    return strcmp(output_global_properties[0].name, "match") == 0 &&
           (strcmp(output_global_properties[1].name, "match_regex") == 0 || strcmp(output_global_properties[1].name, "alias") == 0);
}

/*
 * Reports whether a definition has a place for settings. It ends before in older hosts, which is seen by the size of its memory: 48
 * bytes, which allocators round up to less than 64, and 40 before 5.1.1, which they do not round up to 48, or which is then unused.
 */
static int takes_settings(struct plugin_definition *d)
{
    Dl_info one, other;
    size_t size;

    if (!settings_familiar() || !dladdr((void *)malloc_usable_size, &one) || !dladdr((void *)calloc, &other) ||
        one.dli_fbase != other.dli_fbase) { /* another allocator's memory */
        return 0;
    }
    size = malloc_usable_size(d);
    return size >= sizeof(*d) && size < sizeof(*d) + 16 && d->event_type == 0 && !d->settings;
}

void output_shim_settings(void *definition, char **names, size_t n)
{
    static struct setting *all; /* the host reads them as long as it runs */
    struct plugin_definition *d = definition;

    if (!takes_settings(d)) {
        return;
    }
    if (!all) {
        all = calloc(n + 1, sizeof(*all));
        for (size_t i = 0; all && i < n; i++) {
            all[i].name = strdup(names[i]);
            all[i].description = "see the README of this output";
        }
    }
    d->settings = all;
}

int output_shim_log_level(void *plugin)
{
    struct go_plugin *p = plugin;
    int level = 1;

    while (level < 4 && p->api->output_log_check(p->ins, level + 1)) {
        level++;
    }
    return level;
}

const char *output_shim_name(void *plugin) { return flb_output_name ? flb_output_name(((struct go_plugin *)plugin)->ins) : "oom_kill"; }

void *output_shim_metrics(void *plugin)
{
    return flb_output_get_cmt_instance ? flb_output_get_cmt_instance(((struct go_plugin *)plugin)->ins) : NULL;
}

/*
 * Takes the workers off an instance. The host makes the threads of an output in another language twice and forgets the first ones,
 * which run on in what a hot reload has freed. It makes them when FLBPluginInit has returned.
 */
static void without_workers(struct go_plugin *p)
{
    if (flb_output_set_property) {
        flb_output_set_property(p->ins, "workers", "0");
    }
}

/* The host calls this for each instance: 1 is good, 0 an error. */
int FLBPluginInit(void *plugin)
{
    if (shim_forked()) { /* the other language's threads did not survive the fork: do not enter it */
        shim_log(1, "this plugin cannot run in daemon mode, since it is loaded before Fluent Bit forks: start Fluent Bit in the "
                    "foreground (Daemon off, no -d) under a service manager such as systemd");
        return 0;
    }
    without_workers(plugin);
    return goOutputInit(plugin);
}

/* The host calls this when it unloads the plugin, also in a process that forked. */
void FLBPluginUnregister(void *definition)
{
    struct plugin_definition *d = definition;

    free(d->name);
    free(d->description);
    d->name = d->description = NULL;
}
