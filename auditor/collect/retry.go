package collect

import (
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// tries is how often one call is made. A sweep that gives up costs more than a
// page that is asked for again: IAM allows few calls a second to a whole account,
// and the account's own software makes some of them.
const tries = 10

// Retryer returns the way in which clients of a collector try again: with pauses
// that grow, at a rate that falls while AWS throttles, and also when an answer
// breaks off. throttled, if set, is called for each answer that is a throttle.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
func Retryer(throttled func()) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
				o.MaxAttempts = tries
				o.RateLimiter = ratelimit.None // pauses are enough; a budget would end a long sweep
				o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(brokenOff))
			})
			if throttled == nil {
				return
			}
			o.Throttles = append([]retry.IsErrorThrottle{retry.IsErrorThrottleFunc(func(err error) aws.Ternary {
				throttle := retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err)
				if throttle.Bool() {
					throttled()
				}
				return throttle
			})}, o.Throttles...)
		})
	}
}

// brokenOff tells an answer of which the end is missing.
func brokenOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
