// SPDX-License-Identifier: Apache-2.0

// Program images makes the container images of this project, without a daemon: each is a directory
// in the OCI layout that skopeo, crane, podman and buildah read. An image is what make put into a
// tree, as one layer: no shell, no distribution. The same trees give the same digests.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// build is what is made.
type build struct {
	// Stage holds one tree for each image and architecture: STAGE/NAME/ARCHITECTURE.
	Stage         string
	Architectures []string
	Version       string
	Commit        string
	Date          time.Time
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	var b build
	flags.StringVar(&b.Stage, "stage", "build/stage/images", "`DIRECTORY` of the trees, NAME/ARCHITECTURE")
	flags.StringVar(&b.Version, "version", "devel", "`VERSION` of the build, also the tag")
	flags.StringVar(&b.Commit, "commit", "", "`COMMIT` of the build")
	date := flags.String("date", "", "`TIME` of the commit, by RFC 3339: the age of all files")
	out := flags.String("out", "build/images", "`DIRECTORY` for the layouts")
	push := flags.String("push", "", "`REGISTRY` to send the images to as well, such as ghcr.io/oomtrail")
	arches := flags.String("arch", "amd64,arm64", "architectures, with commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.Date = time.Unix(0, 0).UTC()
	if *date != "" {
		var err error
		if b.Date, err = time.Parse(time.RFC3339, *date); err != nil {
			return fmt.Errorf("-date: %w", err)
		}
	}
	b.Architectures = strings.Split(*arches, ",")
	if flags.NArg() == 0 {
		return errors.New("name the images to make")
	}
	for _, image := range flags.Args() {
		index, err := b.index(image)
		if err != nil {
			return fmt.Errorf("%s: %w", image, err)
		}
		if err := write(index, filepath.Join(*out, image), b.tag()); err != nil {
			return fmt.Errorf("%s: %w", image, err)
		}
		digest, err := index.Digest()
		if err != nil {
			return err
		}
		fmt.Printf("%s %s %s\n", filepath.Join(*out, image), b.tag(), digest)
		if *push == "" {
			continue
		}
		ref, err := name.ParseReference(*push + "/" + image + ":" + b.tag())
		if err != nil {
			return fmt.Errorf("-push: %w", err)
		}
		if err := remote.WriteIndex(ref, index, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
			return fmt.Errorf("-push: %w", err)
		}
		fmt.Printf("pushed %s@%s\n", ref, digest)
	}
	return nil
}

// tag is the version as a tag: without its v, and with the characters that a tag may have.
func (b build) tag() string {
	return strings.ReplaceAll(strings.TrimPrefix(b.Version, "v"), "+", "_")
}

// write writes an image anew as a layout that holds it under one tag.
func write(index v1.ImageIndex, dir, tag string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	path, err := layout.Write(dir, empty())
	if err != nil {
		return err
	}
	return path.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": tag}))
}
