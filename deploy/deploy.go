// Package deploy holds the files by which weir's runners come to run on EC2,
// on ECS and on EKS, and fills them in.
package deploy

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"text/template"
)

//go:embed policy.json.tmpl ec2/*.tmpl ecs/*.tmpl eks/*.tmpl
var files embed.FS

// Targets are where runners can be deployed, in the order of the documentation.
var Targets = []string{"ec2", "ecs", "eks"}

// Values are what the files are filled in with.
type Values struct {
	Region, Account, Stream string
	Role                    string // name of the role, and what else is named after it begins with
	LogGroup                string
	Runners                 int
	Arch                    string // amd64 or arm64
	Image                   string // of ecs and eks
	Binary                  string // of ec2: s3://BUCKET/KEY of a Linux weir of that architecture
	Namespace, OIDC         string // of eks; the OIDC provider without https://
}

// File is one file, filled in.
type File struct {
	Name string // without a folder
	Text string
}

// shapes are what values must look like: they stand in scripts and in JSON.
var shapes = map[string]*regexp.Regexp{
	"region":        regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`),
	"account":       regexp.MustCompile(`^\d{12}$`),
	"stream":        regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`),
	"role":          regexp.MustCompile(`^[a-zA-Z0-9+=,.@_-]{1,50}$`),
	"log group":     regexp.MustCompile(`^[a-zA-Z0-9_./#-]{1,512}$`),
	"architecture":  regexp.MustCompile(`^(amd64|arm64)$`),
	"image":         regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$`),
	"binary":        regexp.MustCompile(`^s3://[a-z0-9.-]+/[a-zA-Z0-9._/-]+$`),
	"namespace":     regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`),
	"OIDC provider": regexp.MustCompile(`^[a-z0-9.-]+/id/[A-Za-z0-9]+$`),
}

// check says which values a target lacks or can't take.
func (v Values) check(target string) error {
	values := map[string]string{
		"region": v.Region, "account": v.Account, "stream": v.Stream, "role": v.Role, "log group": v.LogGroup, "architecture": v.Arch,
	}
	switch target {
	case "ec2":
		values["binary"] = v.Binary
	case "ecs":
		values["image"] = v.Image
	case "eks":
		values["image"], values["namespace"], values["OIDC provider"] = v.Image, v.Namespace, v.OIDC
	default:
		return fmt.Errorf("no target %q: %s", target, strings.Join(Targets, ", "))
	}
	var errs []error
	for _, name := range []string{"region", "account", "stream", "role", "log group", "architecture", "binary", "image", "namespace", "OIDC provider"} {
		value, needed := values[name]
		switch {
		case !needed || shapes[name].MatchString(value):
		case value == "":
			errs = append(errs, fmt.Errorf("no %s", name))
		default:
			errs = append(errs, fmt.Errorf("%s %q is none", name, value))
		}
	}
	if v.Runners < 1 {
		errs = append(errs, fmt.Errorf("%d runners", v.Runners))
	}
	return errors.Join(errs...)
}

// Fill is the target's files with the values in them, in the order of their
// names.
func Fill(target string, v Values) ([]File, error) {
	if err := v.check(target); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, target+"/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", target, err)
	}
	var filled []File
	for _, name := range append(names, "policy.json.tmpl") {
		t, err := template.New(path.Base(name)).Option("missingkey=error").ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, v); err != nil {
			return nil, fmt.Errorf("fill in %s: %w", name, err)
		}
		filled = append(filled, File{strings.TrimSuffix(path.Base(name), ".tmpl"), b.String()})
	}
	return filled, nil
}

// Partition is that of the region in ARNs.
func (v Values) Partition() string {
	switch {
	case strings.HasPrefix(v.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(v.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// StreamARN is the stream's.
func (v Values) StreamARN() string {
	return fmt.Sprintf("arn:%s:kinesis:%s:%s:stream/%s", v.Partition(), v.Region, v.Account, v.Stream)
}

// BinaryARN is that of the object in S3.
func (v Values) BinaryARN() string {
	return "arn:" + v.Partition() + ":s3:::" + strings.TrimPrefix(v.Binary, "s3://")
}

// MachineArch is the architecture as Amazon Linux's images have it.
func (v Values) MachineArch() string {
	if v.Arch == "amd64" {
		return "x86_64"
	}
	return v.Arch
}

// ECSArch is the architecture as ECS has it.
func (v Values) ECSArch() string { return strings.ToUpper(v.MachineArch()) }

// InstanceType is one of four cores and up to 12.5 Gbit/s (EC2 instance types,
// compute optimized, 2026-11-22).
func (v Values) InstanceType() string {
	if v.Arch == "amd64" {
		return "c7i.xlarge"
	}
	return "c7g.xlarge"
}
