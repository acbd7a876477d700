package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// hidden is what CloudTrail writes in place of a value it does not tell.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// errOmitted: the record does not tell the parameter. The sweep will see what
// the event does not show.
var errOmitted = errors.New("CloudTrail left it out of the record")

// parameter returns the string parameter that goes by one of the names. Public
// samples of CodeArtifact's records do not settle how they are spelt, so every
// spelling of the API and of the URI is taken; two that disagree are an error.
func (r record) parameter(names ...string) (string, error) {
	found := ""
	for _, name := range names {
		text, err := r.parameters.text(name)
		if err != nil {
			return "", fmt.Errorf("parameter %w", err)
		}
		if text == hidden || strings.HasPrefix(text, "omitted") {
			return "", fmt.Errorf("parameter %q: %w", name, errOmitted)
		}
		if text != "" && found != "" && text != found {
			return "", fmt.Errorf("parameter %q: %q here and %q under another name", name, text, found)
		}
		if text != "" {
			found = text
		}
	}
	if found == "" {
		return "", fmt.Errorf("no parameter %q%s", names[0], r.whyAbsent())
	}
	return found, nil
}

// optional returns a string parameter, empty when it is not told.
func (r record) optional(names ...string) string {
	text, err := r.parameter(names...)
	if err != nil {
		return ""
	}
	return text
}

// whyAbsent says, for an error, whether CloudTrail left parameters out.
//
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func (r record) whyAbsent() string {
	if r.parameters == nil || r.omitted || r.parameters.has("omitted") {
		return ": " + errOmitted.Error()
	}
	return ""
}

// document returns the policy document under one of the names, as IAM
// evaluates it. CloudTrail writes it as JSON text; percent-encoded text and a
// plain JSON object are taken too.
func (r record) document(names ...string) (string, error) {
	for _, name := range names {
		raw := r.parameters[name]
		if len(raw) == 0 || raw[0] != '{' {
			continue
		}
		if isOmission(raw) {
			return "", fmt.Errorf("parameter %q: %w", name, errOmitted)
		}
		return string(raw), nil
	}
	text, err := r.parameter(names...)
	if err != nil {
		return "", err
	}
	return decodeDocument(text)
}

// isOmission reports whether an object stands for something CloudTrail left
// out: {"omitted": true, …}.
func isOmission(raw json.RawMessage) bool {
	var o object
	return json.Unmarshal(raw, &o) == nil && o.has("omitted")
}

// decodeDocument undoes percent-encoding. A path-style decoder keeps a literal
// "+", which a document may well hold.
func decodeDocument(text string) (string, error) {
	trimmed := strings.TrimSpace(text)
	if len(trimmed) < 3 || !strings.EqualFold(trimmed[:3], "%7B") {
		return text, nil
	}
	decoded, err := url.PathUnescape(trimmed)
	if err != nil {
		return "", fmt.Errorf("policy document: %w", err)
	}
	return decoded, nil
}

// What AWS lets names be. A name outside is not put into an ARN.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateDomain.html,
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateRepository.html
var (
	iamName        = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	iamPath        = regexp.MustCompile(`^/([!-.0-~]+/)*$`)
	domainName     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,48}[a-z0-9]$`)
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$`)
	regionName     = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
)

// named returns the parameter if it has the form.
func (r record) named(form *regexp.Regexp, names ...string) (string, error) {
	name, err := r.parameter(names...)
	if err != nil {
		return "", err
	}
	if !form.MatchString(name) {
		return "", fmt.Errorf("parameter %q: %q is no name that AWS allows", names[0], name)
	}
	return name, nil
}
