/* The part of a Fluent Bit output in another language that must run in C: what may be called after a fork. */
#include <stdlib.h>

#include "_cgo_export.h"
#include "output_shim.h"
#include "shim.h"

extern const char *flb_output_name(void *ins) __attribute__((weak));
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
};

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
