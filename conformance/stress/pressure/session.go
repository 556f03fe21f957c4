// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// session is a run of all that was asked for.
type session struct {
	only   string
	lacks  []string
	failed []error
}

// do does one thing, unless it was not asked for or lacks what it needs; wrong says what is not as
// it must be.
func (s *session) do(title, lack string, run func() (wrong string, err error)) {
	if !s.chosen(title) {
		return
	}
	if lack != "" {
		s.lacks = append(s.lacks, fmt.Sprintf("NOT RUN: %s: it needs %s", title, lack))
		return
	}
	fmt.Println("==", title)
	wrong, err := run()
	if wrong != "" {
		err = errors.Join(err, errors.New(wrong))
	}
	if err != nil {
		s.failed = append(s.failed, fmt.Errorf("%s: %w", title, err))
		fmt.Println("  FAILED:", err)
	}
}

func (s *session) chosen(title string) bool {
	for part := range strings.SplitSeq(s.only, ",") {
		if strings.HasPrefix(title, part) {
			return true
		}
	}
	return s.only == ""
}

// all does all that this machine can, prints tables, and returns what was not as it must be.
func (r *rig) all(only string) error {
	fmt.Printf("Linux %s, cgroups of version %d, %d MiB of RAM\n", release(), r.tree.Version, r.ram)
	s := session{only: only}
	var outcomes []*outcome
	for _, scenario := range r.scenarios() {
		s.do(scenario.title(), scenario.lacks(r), func() (string, error) {
			o, err := r.run(&scenario)
			if o == nil {
				return "", err
			}
			details(os.Stdout, o)
			outcomes = append(outcomes, o)
			return o.failed(), err
		})
	}
	var ranks []*ranked
	for _, where := range []place{limited, whole} {
		for i := range contests {
			c := &contests[i]
			s.do("rank "+where.String()+": "+c.name, c.lacks(r, where), func() (string, error) {
				got, err := r.rank(c, where)
				if err != nil {
					return "", err
				}
				fmt.Printf("  next by status: %s, victim: %s\n", got.next, got.victim)
				ranks = append(ranks, got)
				return got.failed(), nil
			})
		}
	}
	var costs []*watched
	for _, m := range measurements {
		s.do(m.title, "", func() (string, error) {
			got, err := m.run(r)
			if got == nil {
				return "", err
			}
			costs = append(costs, got)
			return got.failed(), err
		})
	}
	printTable(os.Stdout, outcomes)
	printRanking(os.Stdout, ranks)
	printWatched(os.Stdout, costs)
	for _, line := range s.lacks {
		fmt.Println(line)
	}
	return errors.Join(s.failed...)
}
