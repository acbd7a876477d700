// Package settings is how a function reaches AWS: by what Lambda puts into its
// environment, and nothing else.
//
// The SDK's config package also knows profiles, single sign-on, instance roles
// and web identities. None of them exists in a function, and together they are
// a quarter of its binary.
package settings

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AWS returns the settings that the environment holds: Region, credentials and,
// where one is set, another endpoint for all services (AWS_ENDPOINT_URL) or for
// one (AWS_ENDPOINT_URL_<SERVICE>). getenv is os.Getenv. It reports an error
// when there is no Region; credentials are missed when they are first used.
//
// Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html,
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func AWS(getenv func(string) string) (aws.Config, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		return aws.Config{}, fmt.Errorf("AWS_REGION is not set (expected a Region, as Lambda sets it)")
	}
	env := environment(getenv)
	return aws.Config{
		Region:        region,
		Credentials:   aws.NewCredentialsCache(env),
		BaseEndpoint:  env.endpoint("AWS_ENDPOINT_URL"),
		ConfigSources: []any{env},
	}, nil
}

type environment func(string) string

func (e environment) endpoint(name string) *string {
	if url := e(name); url != "" {
		return aws.String(url)
	}
	return nil
}

// Retrieve returns the credentials of the function's role. Lambda starts a new
// environment before they expire.
func (e environment) Retrieve(context.Context) (aws.Credentials, error) {
	credentials := aws.Credentials{
		AccessKeyID: e("AWS_ACCESS_KEY_ID"), SecretAccessKey: e("AWS_SECRET_ACCESS_KEY"), SessionToken: e("AWS_SESSION_TOKEN"),
		Source: "environment",
	}
	if !credentials.HasKeys() {
		return aws.Credentials{}, fmt.Errorf("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set (expected the role's keys, as Lambda sets them)")
	}
	return credentials, nil
}

// GetServiceBaseEndpoint returns the endpoint set for one service; SDK clients
// ask for it by this method.
func (e environment) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	url := e("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}
