// SPDX-License-Identifier: Apache-2.0

package workload

// nonblock is nothing: there is no such flag here.
const nonblock = 0
