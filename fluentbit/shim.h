/* SPDX-License-Identifier: Apache-2.0 */

/* What a Fluent Bit filter is made of, and what the host offers it. The layouts are those of Fluent Bit 2.2 to 5.1. */
#ifndef SHIM_H
#define SHIM_H

#include <stddef.h>
#include <stdint.h>

/* Return values of the callbacks. */
enum { FILTER_MODIFIED = 1, FILTER_NOTOUCH = 2 };

struct list { struct list *prev, *next; };

/* One setting, a node in the list of an instance's properties. */
struct property { char *key; char *value; struct list link; };

/* The part of an instance that is read here: it has kept its offsets in all these versions. */
struct instance {
    int event_type, id, log_level, log_suppress_interval;
    char name[32];
    void *alias, *match, *match_regex, *parent_processor, *context, *data;
    struct filter_plugin *plugin;
    struct list properties;
};

struct filter_plugin {
    int event_type, flags;
    char *name, *description;
    void *config_map;
    int (*pre_run)(struct instance *, void *config, void *);
    int (*init)(struct instance *, void *config, void *);
    int (*filter)(const void *data, size_t bytes, const char *tag, int tag_len, void **out, size_t *out_bytes,
                  struct instance *, void *input, void *context, void *config);
    int (*exit)(void *context, void *config);
    int (*notification)(struct instance *, void *config, void *); /* since 3.2 */
    struct list head;                                             /* room for the host's own list */
};

/* The host, and other plugins in it, may have functions of the same names. */
#pragma GCC visibility push(hidden)

/* Writes a line to the host's log; level is 1 error, 2 warning, 3 info, 4 debug. */
void shim_log(int level, const char *line);

/* Returns the value of a setting, or NULL. */
const char *shim_property(struct instance *ins, const char *key);

/* Returns the first property of an instance, or NULL when the instance does not look like one; next returns the one
 * after it, NULL behind the last. */
struct property *shim_first_property(struct instance *ins, int *known);
struct property *shim_next_property(struct instance *ins, struct property *p);

/* Returns an instance's name, alias first, and its log level, -1 when it has none of its own. */
const char *shim_name(struct instance *ins);
int shim_log_level(struct instance *ins);

/* Reports whether this process is not the one that loaded the file. */
int shim_forked(void);

#pragma GCC visibility pop

#endif
