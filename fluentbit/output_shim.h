/* What the output asks of the host beyond fluent-bit-go. plugin is what FLBPluginInit is given. */
#ifndef OUTPUT_SHIM_H
#define OUTPUT_SHIM_H

/* Returns the highest level of log lines that an instance wants: 1 error, 2 warning, 3 info, 4 debug. */
int output_shim_log_level(void *plugin);

/* Returns an instance's name, alias first. */
const char *output_shim_name(void *plugin);

#endif
