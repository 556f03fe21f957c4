/* SPDX-License-Identifier: Apache-2.0 */

/* Pid 1 of the guest: makes a machine of a bare kernel. */
#ifndef INIT_H
#define INIT_H

/* Mounts, modules, the serial line for files; reads the command line into run. */
void init_machine(void);
/* Returns the value of a word of the kernel's command line, "" if it is not there. */
const char *init_option(const char *name);
/* Sends where the kernel keeps its log: the driver reads it from memory after a panic. */
void init_send_symbols(void);
void init_power_off(void) __attribute__((noreturn));

#endif
