// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"io"
	"strings"
)

// dockerContainers has a directory for each container, with its config.v2.json: Docker 1.10 to 28,
// daemon/container/container.go.
const dockerContainers = "var/lib/docker/containers/"

// dockerConfig is what is read of a config.v2.json.
type dockerConfig struct {
	ID, Name string
	Config   struct {
		Image  string
		Labels map[string]string
	}
}

// docker returns what Docker has of a container.
func docker(f *files, id string) (c claim) {
	f.read(dockerContainers+id+"/config.v2.json", func(r io.Reader) {
		var d dockerConfig
		if json.NewDecoder(r).Decode(&d) == nil && d.ID == id {
			c = dockerClaim(&d)
		}
	})
	return c
}

// dockerClaim reads a container's name, image and labels: those of dockershim and cri-dockerd, of
// compose, and of Nomad, which gives the names of job and group where its `extra_labels` has them
// (Nomad 1.1 to 1.10, drivers/docker/driver.go).
func dockerClaim(d *dockerConfig) claim {
	l := d.Config.Labels
	c := kubernetesLabels(l)
	c.restarts(l["annotation.io.kubernetes.container.restartCount"])
	c.Image = only(d.Config.Image, isImage)
	c.ContainerName = only(strings.TrimPrefix(d.Name, "/"), isName)
	c.ComposeProject, c.ComposeService = compose(l)
	if c.alloc = only(l["com.hashicorp.nomad.alloc_id"], isAllocation); c.alloc != "" {
		c.JobName = only(l["com.hashicorp.nomad.job_name"], isJob)
		c.GroupName = only(l["com.hashicorp.nomad.task_group_name"], isJob)
		c.TaskName = only(l["com.hashicorp.nomad.task_name"], isJob)
	}
	return c
}

// compose reads the labels of compose: Docker compose 1.7 to 2, pkg/api/labels.go. One without the
// other says nothing.
func compose(l map[string]string) (project, service string) {
	project, service = l["com.docker.compose.project"], l["com.docker.compose.service"]
	if !isName(project) || !isName(service) {
		return "", ""
	}
	return project, service
}
