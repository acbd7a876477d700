// Package empty has no test.
package empty
