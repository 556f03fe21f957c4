// SPDX-License-Identifier: Apache-2.0

package warning

import "container/heap"

// queue has the cgroups that are looked at, the one that is due next first.
type queue []*node

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is of [heap.Interface].
func (q *queue) Push(x any) {
	n := x.(*node)
	n.index = len(*q)
	*q = append(*q, n)
}

// Pop is of [heap.Interface].
func (q *queue) Pop() any {
	last := len(*q) - 1
	n := (*q)[last]
	n.index = notQueued
	(*q)[last] = nil
	*q = (*q)[:last]
	return n
}

// notQueued is the index of a cgroup that is not looked at.
const notQueued = -1

// schedule puts a cgroup where its due time belongs.
func (q *queue) schedule(n *node) {
	if n.index == notQueued {
		heap.Push(q, n)
	} else {
		heap.Fix(q, n.index)
	}
}

// drop takes a cgroup out.
func (q *queue) drop(n *node) {
	if n.index != notQueued {
		heap.Remove(q, n.index)
	}
}
