/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A small host that loads a filter as Fluent Bit does: dlopen, the symbol found by the name of the
 * file, the plugin's struct copied, init, filter, exit; the output in the same file, by the functions
 * of a proxy plugin; and the input in it, by its struct in the layout that the host was compiled for
 * (see input below). A test drives it: commands come on standard input, answers go to standard
 * output, both in frames of the machine's own integers. See host_test.go for the other side.
 *
 *     host [fork] [strange] [builtin] FILE.so
 *
 * fork:    fork after loading, as Fluent Bit's daemon mode does
 * strange: keep instances in a layout that no Fluent Bit has
 * builtin: the plugin was linked in, as the race detector needs it; only the name of FILE.so counts
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct mk_list { struct mk_list *prev, *next; };
struct flb_kv { char *key, *val; struct mk_list _head; };

struct flb_filter_instance {
    int event_type, id, log_level, log_suppress_interval;
    char name[32];
    char *alias, *match;
    void *match_regex, *parent_processor, *context, *data;
    struct flb_filter_plugin *p;
    struct mk_list properties;
};

/* An input, as 5.1 has it up to the pointer to the alias, and more behind it. */
struct flb_input_instance {
    char event[72];
    void *processor;
    int flags, id;
    char trace[48];
    int log_level, log_suppress_interval, channel[2], runs_in_coroutine;
    char name[32];
    char *alias;
    char more[1024];
};

/* An output, which its processors bring in the place of an input, likewise. */
struct flb_output_instance {
    char event[72];
    void *processor;
    int event_type, id, log_level, log_suppress_interval;
    char name[32];
    char *alias;
    char more[1024];
};

struct flb_filter_plugin {
    int event_type, flags;
    char *name, *description;
    void *config_map;
    int (*cb_pre_run)(struct flb_filter_instance *, void *, void *);
    int (*cb_init)(struct flb_filter_instance *, void *, void *);
    int (*cb_filter)(const void *, size_t, const char *, int, void **, size_t *, struct flb_filter_instance *, void *, void *, void *);
    int (*cb_exit)(void *, void *);
    int (*cb_notification)(struct flb_filter_instance *, void *, void *);
    struct mk_list _head;
};

/*
 * The layouts of an input's struct: 19 words up to Fluent Bit 3.1, 20 in 3.2.0, 26 from 3.2.3 on, 29
 * in 5.1, and any greater number for one to come. A setting has 12 words, 13 from 5.0.3 on. EMITTER is
 * the name of the host's own input, SETTINGS of its own list of settings.
 */
#ifndef INPUT_WORDS
#define INPUT_WORDS 29
#endif
#ifndef SETTING_WORDS
#define SETTING_WORDS 13
#endif
#ifndef EMITTER
#define EMITTER in_emitter_plugin
#endif
#ifndef SETTINGS
#define SETTINGS input_global_properties
#endif

struct flb_config_map {
    int type;
    char *name, *def_value;
    int flags, set_property;
    uintptr_t offset;
    char *desc;
    void *value[SETTING_WORDS - 6];
};

struct flb_input_plugin {
    int type;
    void *proxy;
    int flags;
    char *name, *description;
    struct flb_config_map *config_map;
    int (*cb_init)(void *, void *, void *), (*cb_pre_run)(void *, void *, void *), (*cb_collect)(void *, void *, void *);
#if INPUT_WORDS >= 20
    int (*cb_notification)(void *, void *, void *);
#endif
    void *(*cb_flush_buf)(void *, size_t *);
    void (*cb_flush_end)(void *);
    void (*cb_pause)(void *, void *), (*cb_resume)(void *, void *);
#if INPUT_WORDS >= 29
    int (*cb_pause_checked)(void *, void *), (*cb_resume_checked)(void *, void *);
#endif
    int (*cb_ingest)(void *, void *, size_t);
#if INPUT_WORDS >= 29
    void (*cb_pre_exit)(void *, void *);
#endif
    int (*cb_exit)(void *, void *);
    void (*cb_destroy)(struct flb_input_plugin *);
#if INPUT_WORDS >= 26
    struct { void *context; int ffd; void *format; void (*result)(void); void *data; int (*callback)(void); } test_formatter;
#endif
    void *instance;
    struct mk_list _head;
#if INPUT_WORDS > 29
    void *more[INPUT_WORDS - 29];
#endif
};
_Static_assert(sizeof(struct flb_input_plugin) == INPUT_WORDS * sizeof(void *), "not the size of an input");
_Static_assert(sizeof(struct flb_config_map) == SETTING_WORDS * sizeof(void *), "not the size of a setting");

/* The host's own, by which a plugin measures. A section keeps a sanitizer from making them larger. */
__attribute__((section(".data.host"))) struct flb_input_plugin EMITTER = {.name = "emitter"};
__attribute__((section(".data.host"))) struct flb_config_map SETTINGS[] = {{.name = "tag"}, {.name = "alias"}, {.name = "log_level"}, {0}};

/* What an output in Go is given: see src/proxy/go/go.c of Fluent Bit. Its instance here is a filter's. */
struct host_api {
    const char *(*output_get_property)(const char *, struct flb_filter_instance *);
    void *input_get_property, *output_get_cmt_instance, *input_get_cmt_instance, *log_print, *input_log_check;
    int (*output_log_check)(struct flb_filter_instance *, int level);
};
struct proxy_context { void *remote_context; };
struct go_output { char *name; struct host_api *api; struct flb_filter_instance *ins; struct proxy_context *context; };
struct proxy_def { int type, proxy, flags; char *name, *description; };

static struct {
    int (*register_plugin)(struct proxy_def *);
    int (*init)(struct go_output *);
    int (*flush_ctx)(void *context, const void *data, int size, const char *tag);
    int (*exit_ctx)(void *context);
    void (*unregister)(struct proxy_def *);
    struct proxy_def def;
    int registered; /* what registering returned */
} output;

enum { MODIFIED = 1, MAX_INSTANCES = 64 };

static struct flb_filter_plugin plugin; /* the copy */
static struct flb_input_plugin input_plugin; /* likewise */
static struct flb_filter_plugin strange_plugin = {.name = "another"};
static struct flb_filter_instance *instances[MAX_INSTANCES];
static int strange, builtin;

/* What the plugin takes from its host. */
static const char *get_property(const char *key, struct mk_list *properties)
{
    for (struct mk_list *l = properties->next; l != properties; l = l->next) {
        struct flb_kv *kv = (struct flb_kv *)((char *)l - offsetof(struct flb_kv, _head));
        if (strcasecmp(kv->key, key) == 0) {
            return kv->val;
        }
    }
    return NULL;
}
const char *flb_filter_get_property(const char *key, struct flb_filter_instance *ins) { return get_property(key, &ins->properties); }
void flb_filter_set_context(struct flb_filter_instance *ins, void *context) { ins->context = context; }
const char *flb_filter_name(struct flb_filter_instance *ins) { return ins->name; }
const char *flb_input_name(struct flb_input_instance *ins) { return ins->alias ? ins->alias : ins->name; }

static void die(const char *what)
{
    fprintf(stderr, "host: %s: %s\n", what, errno ? strerror(errno) : dlerror());
    exit(1);
}

static void *must(void *p)
{
    if (!p) {
        die("out of memory");
    }
    return p;
}

/* Standard input and output. */
static void get(void *p, size_t n)
{
    if (n && fread(p, n, 1, stdin) != 1) {
        output.unregister(&output.def);
        exit(0); /* the test is done with us */
    }
}
static uint32_t get_number(void)
{
    uint32_t n;
    get(&n, sizeof(n));
    return n;
}
static char *get_chunk(uint32_t *size)
{
    *size = get_number();
    char *p = must(malloc(*size ? *size : 1)); /* not a byte more, so that a sanitizer sees a read past the end */
    get(p, *size);
    return p;
}
static char *get_string(uint32_t *size)
{
    *size = get_number();
    char *p = must(calloc(1, *size + 1));
    get(p, *size);
    return p;
}
static void put_number(uint32_t n) { fwrite(&n, sizeof(n), 1, stdout); }

static void load(const char *path)
{
    /* flb-filter_NAME.so holds filter_NAME_plugin */
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    char symbol[128];
    snprintf(symbol, sizeof(symbol), "%s", strchr(base, '-') ? strchr(base, '-') + 1 : base);
    char *dot = strstr(symbol, ".so");
    if (!dot) {
        die("not a .so");
    }
    snprintf(dot, sizeof(symbol) - (dot - symbol), "_plugin");

    errno = 0;
    void *handle = dlopen(builtin ? NULL : path, RTLD_LAZY);
    if (!handle) {
        die("dlopen");
    }
    void *p = dlsym(handle, symbol);
    if (!p) {
        die("dlsym");
    }
    memcpy(&plugin, p, sizeof(plugin));
    p = dlsym(handle, "in_oom_kill_plugin"); /* of flb-in_oom_kill.so, another name of the file */
    if (!p) {
        die("dlsym");
    }
    memcpy(&input_plugin, p, sizeof(input_plugin));

    *(void **)&output.register_plugin = dlsym(handle, "FLBPluginRegister");
    *(void **)&output.init = dlsym(handle, "FLBPluginInit");
    *(void **)&output.flush_ctx = dlsym(handle, "FLBPluginFlushCtx");
    *(void **)&output.exit_ctx = dlsym(handle, "FLBPluginExitCtx");
    *(void **)&output.unregister = dlsym(handle, "FLBPluginUnregister");
    if (!output.register_plugin || !output.init || !output.flush_ctx || !output.exit_ctx || !output.unregister) {
        die("the functions of an output");
    }
    output.registered = output.register_plugin(&output.def);
}

/* Reads the settings of an instance. Fluent Bit keeps the log level to itself. */
static void get_properties(struct mk_list *properties, int *log_level)
{
    *log_level = -1;
    properties->prev = properties->next = properties;
    for (uint32_t n = get_number(), size; n > 0; n--) {
        struct flb_kv *kv = must(calloc(1, sizeof(*kv)));
        kv->key = get_string(&size);
        kv->val = get_string(&size);
        if (strcasecmp(kv->key, "log_level") == 0) {
            *log_level = atoi(kv->val);
            free(kv->key), free(kv->val), free(kv);
            continue;
        }
        struct mk_list *last = properties->prev;
        kv->_head.prev = last, kv->_head.next = properties;
        last->next = properties->prev = &kv->_head;
    }
}

static void free_properties(struct mk_list *properties)
{
    for (struct mk_list *l = properties->next, *next; l != properties; l = next) {
        struct flb_kv *kv = (struct flb_kv *)((char *)l - offsetof(struct flb_kv, _head));
        next = l->next;
        free(kv->key), free(kv->val), free(kv);
    }
}

static struct flb_filter_instance *new_instance(uint32_t id)
{
    struct flb_filter_instance *ins = must(calloc(1, sizeof(*ins)));
    ins->event_type = 1;
    ins->id = id;
    snprintf(ins->name, sizeof(ins->name), "%s.%u", plugin.name, id);
    ins->p = strange ? &strange_plugin : &plugin;
    get_properties(&ins->properties, &ins->log_level);
    return ins;
}

static void free_instance(struct flb_filter_instance *ins)
{
    free_properties(&ins->properties);
    free(ins);
}

/* Metrics: a sample for each metric with each value of its labels, in the order of their first writing. */
struct cmt { struct metric *metrics; struct sample *first, **last; };
struct metric { struct metric *next; struct cmt *cmt; char name[128]; int labels; char *keys[8]; };
struct sample { struct sample *next; char text[512]; double value; };

static struct cmt *new_cmt(void)
{
    struct cmt *c = must(calloc(1, sizeof(*c)));
    c->last = &c->first;
    return c;
}

static void free_cmt(struct cmt *c)
{
    for (struct sample *s = c->first, *next; s; s = next) {
        next = s->next;
        free(s);
    }
    for (struct metric *m = c->metrics, *next; m; m = next) {
        next = m->next;
        for (int i = 0; i < m->labels; i++) {
            free(m->keys[i]);
        }
        free(m);
    }
    free(c);
}

struct metric *cmt_counter_create(struct cmt *cmt, char *ns, char *subsystem, char *name, char *help, int labels, char **keys)
{
    struct metric *m = must(calloc(1, sizeof(*m)));
    snprintf(m->name, sizeof(m->name), "%s_%s%s%s", ns, subsystem, *subsystem ? "_" : "", name);
    if (!*help) { /* the real one refuses that, too */
        free(m);
        return NULL;
    }
    m->cmt = cmt, m->next = cmt->metrics, cmt->metrics = m;
    for (m->labels = 0; m->labels < labels; m->labels++) {
        m->keys[m->labels] = must(strdup(keys[m->labels]));
    }
    return m;
}
struct metric *cmt_gauge_create(struct cmt *cmt, char *ns, char *subsystem, char *name, char *help, int labels, char **keys)
{
    return cmt_counter_create(cmt, ns, subsystem, name, help, labels, keys);
}

static double *sample(struct metric *m, int labels, char **values)
{
    char text[sizeof((*m->cmt->first).text)];
    int n = snprintf(text, sizeof(text), "%s", m->name);
    struct sample *s;

    if (labels != m->labels) {
        fprintf(stderr, "host: %s has %d labels, not %d\n", m->name, m->labels, labels);
        exit(1);
    }
    for (int i = 0; i < labels; i++) {
        n += snprintf(text + n, sizeof(text) - n, "%s%s=%s", i ? "," : "{", m->keys[i], values[i]);
    }
    snprintf(text + n, sizeof(text) - n, "}");
    for (s = m->cmt->first; s; s = s->next) {
        if (strcmp(s->text, text) == 0) {
            return &s->value;
        }
    }
    s = must(calloc(1, sizeof(*s)));
    memcpy(s->text, text, sizeof(text));
    *m->cmt->last = s, m->cmt->last = &s->next;
    return &s->value;
}
int cmt_counter_add(struct metric *m, uint64_t time, double n, int labels, char **values)
{
    *sample(m, labels, values) += time > 0 ? n : 0;
    return 0;
}
int cmt_gauge_set(struct metric *m, uint64_t time, double n, int labels, char **values)
{
    *sample(m, labels, values) = time > 0 ? n : -1;
    return 0;
}

/* A line for each sample. */
static void put_metrics(struct cmt *c)
{
    char *text;
    size_t size;
    FILE *f = must(open_memstream(&text, &size));

    for (struct sample *s = c->first; s; s = s->next) {
        fprintf(f, "%s %g\n", s->text, s->value);
    }
    fclose(f);
    put_number(size);
    fwrite(text, 1, size, stdout);
    free(text);
}

static int run(struct flb_filter_instance *ins, void *input, const char *tag, uint32_t tag_size, const char *chunk, uint32_t size, void **out,
               size_t *out_size)
{
    return plugin.cb_filter(chunk, size, tag, tag_size, out, out_size, ins, input, ins->context, NULL);
}

/* What the host says a chunk comes from: an input with name and alias, an output, or nothing. */
struct from { char *name, *alias; void *instance; };

static struct from get_from(void)
{
    uint32_t is_output = get_number(), name_size, alias_size;
    struct from from = {.name = get_string(&name_size), .alias = get_string(&alias_size)};

    if (is_output) {
        struct flb_output_instance *output = from.instance = must(malloc(sizeof(*output)));
        memset(output, 0xab, sizeof(*output));
        snprintf(output->name, sizeof(output->name), "%s", from.name);
    } else if (name_size) {
        struct flb_input_instance *input = from.instance = must(calloc(1, sizeof(*input)));
        snprintf(input->name, sizeof(input->name), "%s", from.name);
        input->alias = alias_size ? from.alias : NULL;
    }
    return from;
}

static void free_from(struct from *from) { free(from->instance), free(from->name), free(from->alias); }

/* F: one chunk of an input. The answer: return value, whether *out or *out_size was written to, the
 * new chunk. */
static void filter(struct flb_filter_instance *ins)
{
    static char untouched;
    uint32_t tag_size, size;
    struct from from = get_from();
    char *tag = get_string(&tag_size), *chunk = get_chunk(&size), *before = must(malloc(size + 1));
    void *out = &untouched;
    size_t out_size = 12345;

    memcpy(before, chunk, size);
    int ret = run(ins, from.instance, tag, tag_size, chunk, size, &out, &out_size);
    if (memcmp(before, chunk, size)) {
        fprintf(stderr, "host: the filter changed its input\n");
        exit(1);
    }
    put_number(ret);
    put_number(out != &untouched || out_size != 12345);
    put_number(ret == MODIFIED ? out_size : 0);
    if (ret == MODIFIED && out_size > 0) {
        fwrite(out, 1, out_size, stdout);
        free(out);
    }
    free(tag), free(chunk), free(before), free_from(&from);
}

static int output_log_check(struct flb_filter_instance *ins, int level) { return level <= (ins->log_level < 0 ? 3 : ins->log_level); }

const char *flb_output_name(struct flb_filter_instance *ins) { return ins->name; }

static struct cmt *output_metrics;
struct cmt *flb_output_get_cmt_instance(struct flb_filter_instance *ins) { return ins ? output_metrics : NULL; }

static int workers; /* of the output, for which the real host makes threads when init has returned */
int flb_output_set_property(struct flb_filter_instance *ins, const char *key, const char *value)
{
    if (ins && strcasecmp(key, "workers") == 0) {
        workers = atoi(value);
    }
    return 0;
}

/* A flush; a chunk that is to come again does. */
static int flush(void *context, const char *chunk, uint32_t size, const char *tag)
{
    enum { RETRY = 2, TRIES = 500 };
    int ret = output.flush_ctx(context, chunk, size, tag);

    for (int i = 0; ret == RETRY && i < TRIES; i++) {
        usleep(20000);
        ret = output.flush_ctx(context, chunk, size, tag);
    }
    return ret;
}

/* O: the life of an output: started with its settings, given chunks, ended, given the last once more.
 * The answer: what registering and init returned, how many workers there are, what each flush, exit and
 * the flush behind it returned, and its metrics. */
static void run_output(void)
{
    struct host_api api = {.output_get_property = flb_filter_get_property, .output_log_check = output_log_check};
    struct proxy_context context = {0};
    uint32_t tag_size, size;

    put_number(output.registered);
    struct flb_filter_instance *ins = new_instance(0);
    struct go_output o = {.name = output.def.name, .api = &api, .ins = ins, .context = &context};
    workers = 1;
    output_metrics = new_cmt();
    int ret = output.init(&o);
    put_number(ret);
    put_number(workers);
    char *tag = get_string(&tag_size);
    for (uint32_t n = get_number(); n > 0; n--) {
        char *chunk = get_chunk(&size);
        put_number(ret <= 0 ? -1 : flush(context.remote_context, chunk, size, tag));
        if (n == 1) {
            put_number(ret <= 0 ? -1 : output.exit_ctx(context.remote_context));
            put_number(ret <= 0 ? -1 : output.flush_ctx(context.remote_context, chunk, size, tag));
        }
        free(chunk);
    }
    put_metrics(output_metrics);
    free_cmt(output_metrics);
    free(context.remote_context), free(tag);
    free_instance(ins);
}

/* An input's instance: what a plugin may not touch, then what it has the host do. */
struct input {
    struct flb_input_instance ins;
    struct mk_list properties;
    void *context;
    struct { int fd; int (*collect)(void *, void *, void *); } event, timer;
    int answer, paused; /* what an append is answered: 0, -1, or 1, which is 0 and a pause */
    FILE *appended;     /* the answers to a turn */
    char *text;
    size_t size;
    struct cmt *metrics;
};

static struct input *inputs[MAX_INSTANCES];

const char *flb_input_get_property(const char *key, struct input *in) { return get_property(key, &in->properties); }
void flb_input_set_context(struct input *in, void *context) { in->context = context; }
int flb_input_log_check(struct input *in, int level) { return level <= (in->ins.log_level < 0 ? 3 : in->ins.log_level); }
struct cmt *flb_input_get_cmt_instance(struct input *in) { return in->metrics; }

int flb_input_set_collector_time(struct input *in, int (*collect)(void *, void *, void *), time_t seconds, long nanoseconds, void *config)
{
    in->timer.collect = seconds == 1 && nanoseconds == 0 && !config ? collect : NULL;
    return 1;
}
int flb_input_set_collector_event(struct input *in, int (*collect)(void *, void *, void *), int fd, void *config)
{
    in->event.collect = !config ? collect : NULL;
    in->event.fd = fd;
    return 0;
}

int flb_input_log_append(struct input *in, const char *tag, size_t tag_len, const void *data, size_t size)
{
    uint32_t answer[2] = {in->answer, size};

    if (in->paused || tag || tag_len || !in->appended) {
        fprintf(stderr, "host: an append %s\n", in->paused ? "while paused" : tag || tag_len ? "under a tag" : "outside of a collector");
        exit(1);
    }
    fwrite(answer, sizeof(answer), 1, in->appended);
    fwrite(data, size, 1, in->appended);
    if (in->answer > 0) { /* what is over the limit with this */
        in->paused = 1;
        input_plugin.cb_pause(in->context, NULL);
        return 0;
    }
    return in->answer;
}

/* What Fluent Bit checks before init, with a plugin that lists its settings. */
static int unknown_properties(struct input *in)
{
    struct flb_config_map *all = input_plugin.config_map;

    for (struct mk_list *l = in->properties.next; all && l != &in->properties; l = l->next) {
        struct flb_kv *kv = (struct flb_kv *)((char *)l - offsetof(struct flb_kv, _head));
        struct flb_config_map *m = all;
        while (m->name && strcasecmp(m->name, kv->key) != 0) {
            m++;
        }
        if (!m->name) {
            fprintf(stderr, "host: unknown property %s\n", kv->key);
            return -1;
        }
    }
    return 0;
}

static void free_input(struct input **in)
{
    free_properties(&(*in)->properties);
    free_cmt((*in)->metrics);
    free(*in);
    *in = NULL;
}

/* i: a new input with its settings, and whether it runs in a thread of its own. The answer: what init
 * returned, -2 where the host itself refuses. */
static void input_init(struct input **slot, uint32_t id)
{
    struct input *in = *slot = must(calloc(1, sizeof(*in)));
    uint32_t is_threaded = get_number();
    char name[17];
    int ret = -2;

    get_properties(&in->properties, &in->ins.log_level);
    snprintf(in->ins.name, sizeof(in->ins.name), "%s.%u", input_plugin.name, id);
    in->metrics = new_cmt();
    if (unknown_properties(in) == 0) {
        prctl(PR_GET_NAME, name);
        if (is_threaded) {
            prctl(PR_SET_NAME, "flb-in-oom_kill.0-w0");
        }
        ret = input_plugin.cb_init(in, NULL, NULL);
        prctl(PR_SET_NAME, name);
    }
    put_number(ret);
    if (ret == 0 && (!in->context || !in->event.collect || !in->timer.collect)) {
        fprintf(stderr, "host: an input without context or collectors\n");
        exit(1);
    }
    if (ret != 0) {
        free_input(slot);
    }
}

/* t: one turn of an input: what an append is to be answered, 1 for one that pauses the input, and how
 * many milliseconds to wait for an event, -1 for the timer at once. The answer: whether a collector
 * ran, and of each append what it was answered and the events. */
static void input_turn(struct input *in)
{
    struct pollfd p = {.fd = in->event.fd, .events = POLLIN};
    int wait, ran;

    in->answer = get_number();
    wait = get_number();
    in->appended = must(open_memstream(&in->text, &in->size));
    ran = wait < 0 || poll(&p, 1, wait) > 0;
    if (ran) {
        (wait < 0 ? in->timer : in->event).collect(in, NULL, in->context);
    }
    fclose(in->appended);
    in->appended = NULL;
    put_number(ran);
    put_number(in->size);
    fwrite(in->text, 1, in->size, stdout);
    free(in->text);
}

/* The commands to one input. */
static void input_command(char command, uint32_t id)
{
    struct input **in = &inputs[id];

    switch (command) {
    case 'i':
        input_init(in, id);
        break;
    case 't':
        input_turn(*in);
        break;
    case 'p': /* pause; the answer is 0 */
        (*in)->paused = 1;
        input_plugin.cb_pause((*in)->context, NULL);
        put_number(0);
        break;
    case 'r': /* resume; the answer is 0 */
        (*in)->paused = 0;
        input_plugin.cb_resume((*in)->context, NULL);
        put_number(0);
        break;
    case 'm': /* the metrics */
        put_metrics((*in)->metrics);
        break;
    case 'x': /* exit; the answer is what it returned */
        put_number(input_plugin.cb_exit((*in)->context, NULL));
        free_input(in);
        break;
    }
}

/* K: the names of the settings that the plugin gives the host, a line each. */
static void input_keys(void)
{
    char text[4096];
    int n = 0;

    for (struct flb_config_map *m = input_plugin.config_map; m && m->name; m++) {
        n += snprintf(text + n, sizeof(text) - n, "%s\n", m->name);
    }
    put_number(n);
    fwrite(text, 1, n, stdout);
}

struct job { struct flb_filter_instance *ins; char *tag, *chunk; uint32_t tag_size, size, times; uint64_t bytes; pthread_t thread; };

static void *work(void *arg)
{
    struct job *j = arg;
    for (uint32_t i = 0; i < j->times; i++) {
        void *out = NULL;
        size_t out_size = 0;
        if (run(j->ins, NULL, j->tag, j->tag_size, j->chunk, j->size, &out, &out_size) == MODIFIED) {
            j->bytes += out_size;
            free(out);
        }
    }
    return NULL;
}

/* P: several threads, each with an instance, a tag, a chunk and a number of times. The answer: microseconds of processor time of the whole
 * process, since a plugin may have threads of its own; bytes put out by each. */
static void parallel(void)
{
    uint32_t n = get_number();
    struct job *jobs = must(calloc(n, sizeof(*jobs)));
    struct timespec from, to;

    for (uint32_t i = 0; i < n; i++) {
        jobs[i].ins = instances[get_number() % MAX_INSTANCES];
        jobs[i].tag = get_string(&jobs[i].tag_size);
        jobs[i].chunk = get_chunk(&jobs[i].size);
        jobs[i].times = get_number();
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (uint32_t i = 0; i < n; i++) {
        pthread_create(&jobs[i].thread, NULL, work, &jobs[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        pthread_join(jobs[i].thread, NULL);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    put_number((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
    for (uint32_t i = 0; i < n; i++) {
        put_number(jobs[i].bytes);
        free(jobs[i].tag), free(jobs[i].chunk);
    }
    free(jobs);
}

/* C: the settings of an instance that is not made, as with --dry-run. The answer is what the check returned. */
static void check(void)
{
    struct flb_filter_instance *ins = new_instance(0);

    put_number(plugin.cb_pre_run(ins, NULL, NULL));
    free_instance(ins);
}

static void serve(void)
{
    for (;;) {
        char command;
        get(&command, 1);
        if (strchr("POCK", command)) {
            command == 'P' ? parallel() : command == 'O' ? run_output() : command == 'C' ? check() : input_keys();
            fflush(stdout);
            continue;
        }
        uint32_t id = get_number() % MAX_INSTANCES;
        struct flb_filter_instance **ins = &instances[id];
        input_command(command, id);
        switch (command) {
        case 'N': /* new instance with its settings; the answer is what init returned */
            *ins = new_instance(id);
            int ret = plugin.cb_pre_run(*ins, NULL, NULL);
            if (ret == 0) {
                ret = plugin.cb_init(*ins, NULL, NULL);
            }
            put_number(ret);
            if (ret != 0) {
                free_instance(*ins);
                *ins = NULL;
            }
            break;
        case 'F':
            filter(*ins);
            break;
        case 'X': /* exit; the answer is what it returned */
            put_number(plugin.cb_exit((*ins)->context, NULL));
            free_instance(*ins);
            *ins = NULL;
            break;
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    int forks = 0, i = 1;

    for (; i < argc - 1; i++) {
        forks |= strcmp(argv[i], "fork") == 0;
        strange |= strcmp(argv[i], "strange") == 0;
        builtin |= strcmp(argv[i], "builtin") == 0;
    }
    if (i != argc - 1) {
        fprintf(stderr, "usage: host [fork] [strange] [builtin] FILE.so\n");
        return 2;
    }
    load(argv[i]);
    if (forks) {
        pid_t child = fork();
        if (child > 0) {
            int status;
            waitpid(child, &status, 0);
            return WEXITSTATUS(status);
        }
    }
    serve();
    return 0;
}
