// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
)

// newIdentity returns the command that says what cgroup paths say, as one JSON object a line.
func newIdentity(std *stdio) *cobra.Command {
	return &cobra.Command{
		Use:     "identity PATH ...",
		Short:   "Say what a cgroup path says of who runs there, as JSON",
		Example: "  oomtrail identity /system.slice/nginx.service",

		ValidArgsFunction: cobra.NoFileCompletions, // a cgroup may be of another machine

		RunE: func(_ *cobra.Command, args []string) error { return printIdentities(std, args) },
	}
}

func printIdentities(std *stdio, args []string) error {
	if len(args) == 0 {
		return usage(errors.New("identity needs a cgroup path, such as /system.slice/nginx.service"))
	}
	for _, path := range args {
		if path == "" || path[0] != '/' {
			return usage(fmt.Errorf("%q is no cgroup path: one begins with /, such as /system.slice/nginx.service", path))
		}
		id := identity.Of(path)
		line := []byte{'{'}
		add := func(name, value string) {
			if value == "" {
				return
			}
			line = append(record.AppendJSONValue(append(line, ','), name), ':')
			line = record.AppendJSONValue(line, value)
		}
		line = record.AppendJSONValue(append(line, `"path":`...), path)
		add("oom.cgroup.level", id.Level.String())
		add("container.id", id.ContainerID)
		add("container.runtime.name", id.Runtime)
		add("oom.outer.container_id", id.Outer)
		add("k8s.pod.uid", id.PodUID)
		add("oom.k8s.qos_class", id.QoS)
		add("systemd.unit.name", id.Unit)
		add("oom.systemd.slice", id.Slice)
		// What a record has no name for, but a person may want to know.
		add("static_pod", map[bool]string{true: "yes: k8s.pod.uid is the hash of its configuration"}[id.StaticPod])
		add("monitor", map[bool]string{true: "yes: the container's monitor, not its processes"}[id.Monitor])
		add("node_container", id.Node)
		add("user", id.User)
		add("session", id.Session)
		add("application", id.App)
		add("machine", id.Machine)
		add("scheduler", id.Scheduler)
		add("job", id.Job)
		add("step", id.Step)
		add("task", id.Task)
		line = append(line, "}\n"...)
		if _, err := std.out.Write(plain.EscapeJSON(line)); err != nil {
			return err
		}
	}
	return nil
}
