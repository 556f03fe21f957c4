/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A small host that loads a filter as Fluent Bit does: dlopen, the symbol found by the name of the file, the plugin's
 * struct copied, init, filter, exit; and the output in the same file, by the functions of a proxy
 * plugin. A test drives it: commands come on standard input, answers go to standard output, both
 * in frames of the machine's own integers. See host_test.go for the other side.
 *
 *     host [fork] [strange] [builtin] FILE.so
 *
 * fork:    fork after loading, as Fluent Bit's daemon mode does
 * strange: keep instances in a layout that no Fluent Bit has
 * builtin: the plugin was linked in, as the race detector needs it; only the name of FILE.so counts
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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
static struct flb_filter_plugin strange_plugin = {.name = "another"};
static struct flb_filter_instance *instances[MAX_INSTANCES];
static int strange, builtin;

/* What the plugin takes from its host. */
const char *flb_filter_get_property(const char *key, struct flb_filter_instance *ins)
{
    for (struct mk_list *l = ins->properties.next; l != &ins->properties; l = l->next) {
        struct flb_kv *kv = (struct flb_kv *)((char *)l - offsetof(struct flb_kv, _head));
        if (strcasecmp(kv->key, key) == 0) {
            return kv->val;
        }
    }
    return NULL;
}
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

static struct flb_filter_instance *new_instance(uint32_t id)
{
    struct flb_filter_instance *ins = must(calloc(1, sizeof(*ins)));
    ins->event_type = 1;
    ins->id = id;
    ins->log_level = -1;
    snprintf(ins->name, sizeof(ins->name), "%s.%u", plugin.name, id);
    ins->p = strange ? &strange_plugin : &plugin;
    ins->properties.prev = ins->properties.next = &ins->properties;
    for (uint32_t n = get_number(), size; n > 0; n--) {
        struct flb_kv *kv = must(calloc(1, sizeof(*kv)));
        kv->key = get_string(&size);
        kv->val = get_string(&size);
        if (strcasecmp(kv->key, "log_level") == 0) { /* Fluent Bit keeps this one to itself */
            ins->log_level = atoi(kv->val);
            free(kv->key), free(kv->val), free(kv);
            continue;
        }
        struct mk_list *last = ins->properties.prev;
        kv->_head.prev = last, kv->_head.next = &ins->properties;
        last->next = ins->properties.prev = &kv->_head;
    }
    return ins;
}

static void free_instance(struct flb_filter_instance *ins)
{
    for (struct mk_list *l = ins->properties.next, *next; l != &ins->properties; l = next) {
        struct flb_kv *kv = (struct flb_kv *)((char *)l - offsetof(struct flb_kv, _head));
        next = l->next;
        free(kv->key), free(kv->val), free(kv);
    }
    free(ins);
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
 * the flush behind it returned. */
static void run_output(void)
{
    struct host_api api = {.output_get_property = flb_filter_get_property, .output_log_check = output_log_check};
    struct proxy_context context = {0};
    uint32_t tag_size, size;

    put_number(output.registered);
    struct flb_filter_instance *ins = new_instance(0);
    struct go_output o = {.name = output.def.name, .api = &api, .ins = ins, .context = &context};
    workers = 1;
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
    free(context.remote_context), free(tag);
    free_instance(ins);
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
        if (command == 'P' || command == 'O' || command == 'C') {
            command == 'P' ? parallel() : command == 'O' ? run_output() : check();
            fflush(stdout);
            continue;
        }
        uint32_t id = get_number() % MAX_INSTANCES;
        struct flb_filter_instance **ins = &instances[id];
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
