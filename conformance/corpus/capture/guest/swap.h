/* SPDX-License-Identifier: Apache-2.0 */

/* Swap on compressed memory. */
#ifndef SWAP_H
#define SWAP_H

void swap_on(unsigned long mb);
void swap_off(void);

#endif
