// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"hash/maphash"
	"os"
	"slices"
)

// openFiles finds, among the files that are being read, the one that another file is or begins
// like. What that takes does not grow with their number.
type openFiles struct {
	seed maphash.Seed
	// lengths counts the heads of each length.
	lengths [headSize + 1]int
	// byHead holds the streams by the hash of their file's head, byFile by what the system calls
	// the file.
	byHead map[uint64][]*tail
	byFile map[fileKey][]*tail
	// steps counts heads hashed and files compared.
	steps int
}

func newOpenFiles() *openFiles {
	return &openFiles{seed: maphash.MakeSeed(), byHead: map[uint64][]*tail{}, byFile: map[fileKey][]*tail{}}
}

// add takes in the current file of a stream. It must be removed before its head changes.
func (o *openFiles) add(t *tail) {
	head := t.log.head
	o.lengths[len(head)]++
	hash := maphash.Bytes(o.seed, head)
	o.byHead[hash] = append(o.byHead[hash], t)
	key := keyOf(t.log.info)
	o.byFile[key] = append(o.byFile[key], t)
}

// remove takes out the current file of a stream.
func (o *openFiles) remove(t *tail) {
	o.lengths[len(t.log.head)]--
	removeFrom(o.byHead, maphash.Bytes(o.seed, t.log.head), t)
	removeFrom(o.byFile, keyOf(t.log.info), t)
}

func removeFrom[K comparable](m map[K][]*tail, key K, t *tail) {
	rest := slices.DeleteFunc(m[key], func(other *tail) bool { return other == t })
	if len(rest) == 0 {
		delete(m, key)
		return
	}
	m[key] = rest
}

// has reports whether a stream other than except reads the file, or one whose head the file begins
// with.
func (o *openFiles) has(log *logFile, except *tail) bool {
	for _, t := range o.byFile[keyOf(log.info)] {
		if o.steps++; t != except && os.SameFile(t.log.info, log.info) {
			return true
		}
	}
	var hash maphash.Hash
	hash.SetSeed(o.seed)
	hashed := 0
	for length := 1; length <= len(log.head); length++ {
		if o.lengths[length] == 0 {
			continue
		}
		_, _ = hash.Write(log.head[hashed:length]) // cannot fail
		hashed = length
		o.steps++
		for _, t := range o.byHead[hash.Sum64()] {
			if o.steps++; t != except && bytes.Equal(t.log.head, log.head[:length]) {
				return true
			}
		}
	}
	return false
}
