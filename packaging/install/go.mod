// A module of its own, since what makes module zips is no dependency of this project.
module github.com/oomtrail/oomtrail/packaging/install

go 1.26.0

require golang.org/x/mod v0.27.0
