package access

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// hostilePolicies are as large as AWS stores them and as entangled as we could
// make them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func hostilePolicies() map[string]*testWorld {
	worlds := map[string]*testWorld{}
	add := func(name string, w *testWorld) {
		w.caller = universeCallers[1]
		worlds[name] = w
	}
	add("stars in every resource", &testWorld{identity: []string{hostileDocument(6_144, func(i int) string {
		return fmt.Sprintf(`{"Effect":"%s","Action":"codeartifact:*","Resource":"arn:aws:codeartifact:*%c*%c*%c*/*"}`, effectOf(i), letter(i), letter(i/3), letter(i/7))
	})}})
	add("many denies", &testWorld{identity: []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		hostileDocument(10_240, func(i int) string {
			return fmt.Sprintf(`{"Effect":"Deny","Action":"*","Resource":"*%c*%c*","Condition":{"StringLike":{"aws:PrincipalTag/t%d":"*%c*"},"IpAddress":{"aws:SourceIp":"10.%d.0.0/16"}}}`, letter(i), letter(i/2), i%9, letter(i), i)
		}),
	}})
	add("one key in many tests", &testWorld{identity: []string{hostileDocument(10_240, func(i int) string {
		return fmt.Sprintf(`{"Effect":"%s","Action":"codeartifact:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"aws:CalledVia":"*%c*%c*"},"StringNotLike":{"aws:SourceIdentity":"*%c*%c?%c*"}}}`, effectOf(i), letter(i), letter(i/2), letter(i), letter(i/2), letter(i/3))
	})}})
	add("many keys", &testWorld{identity: []string{hostileDocument(10_240, func(i int) string {
		return fmt.Sprintf(`{"Effect":"%s","Action":"codeartifact:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a%d":"x","aws:PrincipalTag/b%d":"y"},"NumericLessThan":{"aws:MultiFactorAuthAge":"%d"}}}`, effectOf(i), i, i/2, 100*i)
	})}})
	add("one long resource list", &testWorld{identity: []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:*","Resource":[` + hostileList(10_000, func(i int) string {
			return fmt.Sprintf(`"arn:aws:codeartifact:*:*:*/%c*%c*/?%c*"`, letter(i), letter(i/3), letter(i/9))
		}) + `]}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"codeartifact:*","NotResource":[` + hostileList(10_000, func(i int) string {
			return fmt.Sprintf(`"arn:aws:codeartifact:*%c*%c*%c*"`, letter(i), letter(i/3), letter(i/9))
		}) + `]}}`,
	}})
	add("guards times guards", &testWorld{
		identity: []string{hostileDocument(10_240, hostileAllow)}, boundary: hostileDocument(6_144, hostileAllow),
		scps: [][]string{{hostileDocument(10_240, hostileAllow)}, {hostileDocument(10_240, hostileAllow)}, {hostileDocument(10_240, hostileAllow)}},
	})
	add("a star for every character", &testWorld{identity: []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"` + strings.Repeat("*?", 2_500) + `"},{"Effect":"Deny","Action":"*","Resource":"` + strings.Repeat("*a", 2_500) + `"}]}`,
	}})
	add("variables", &testWorld{identity: []string{hostileDocument(10_240, func(i int) string {
		return fmt.Sprintf(`{"Effect":"%s","Action":"codeartifact:*","Resource":"arn:aws:codeartifact:*:*:*/${aws:PrincipalTag/t%d}*${aws:SourceIdentity}*"}`, effectOf(i), i%5)
	})}})
	add("services", &testWorld{identity: []string{hostileDocument(10_240, func(i int) string {
		return fmt.Sprintf(`{"Effect":"%s","Action":"sts:Get*","Resource":"*","Condition":{"StringLike":{"sts:AWSServiceName":"*%c*%c*.amazonaws.com"}}}`, effectOf(i), letter(i), letter(i/2))
	})}})
	return worlds
}

func hostileAllow(i int) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":"codeartifact:*","Resource":"*%c*%c*","Condition":{"StringNotEquals":{"aws:SourceIdentity":"%d"}}}`, letter(i), letter(i/2), i)
}

func letter(i int) byte { return byte('a' + i%26) }

func effectOf(i int) string {
	if i%2 == 0 {
		return "Allow"
	}
	return "Deny"
}

// hostileDocument fills a document of that many characters with statements.
func hostileDocument(size int, statement func(i int) string) string {
	return `{"Version":"2012-10-17","Statement":[` + hostileList(size-len(`{"Version":"2012-10-17","Statement":[]}`), statement) + `]}`
}

func hostileList(size int, element func(i int) string) string {
	var b strings.Builder
	for i := 0; ; i++ {
		next := element(i)
		if b.Len()+len(next)+1 > size {
			return b.String()
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(next)
	}
}

// questions are all that a profile may be asked.
var questions = map[string]func(*Profile) error{
	"full": func(p *Profile) error { _, err := p.Full(); return err },
	"wide": func(p *Profile) error { _, err := p.Wide(codeartifact.CodeArtifactActions()); return err },
	"open": func(p *Profile) error { _, err := p.OpenEnded(); return err },
	"self": func(p *Profile) error {
		g := &granting{access: p.access, account: &inventory.Account{ID: p.caller.Account}, who: &inventory.Principal{ARN: p.caller.ARN}, some: p, whole: p, budget: p.steps(), read: true}
		_, err := bothWaysOf(g)
		return err
	},
	"held":  func(p *Profile) error { return p.access.held(p).err },
	"token": func(p *Profile) error { _, err := p.OpenToken(); return err },
	"read": func(p *Profile) error {
		_, _, err := p.May(codeartifact.Actions(codeartifact.ReadFromRepository))
		return err
	},
	"any": func(p *Profile) error { _, _, err := p.May(codeartifact.CodeArtifactActions()); return err },
}

// TestHostilePoliciesEnd asks everything of every hostile world, each question of
// a world of its own: together they spend from one purse, and what is asked first
// has most of it. A question may end without an answer; then it is for the budget,
// and the memory that it took is bounded as well.
func TestHostilePoliciesEnd(t *testing.T) {
	const mostMemory = 1 << 30 // allocated, not held
	for name, w := range hostilePolicies() {
		for _, question := range slices.Sorted(maps.Keys(questions)) {
			t.Run(name+"/"+question, func(t *testing.T) {
				p := w.resolve()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := questions[question](p)
				runtime.ReadMemStats(&after)
				if err != nil && !errors.Is(err, glob.ErrBudget) {
					t.Error(err)
				}
				used := after.TotalAlloc - before.TotalAlloc
				if used > mostMemory {
					t.Errorf("%d MB allocated (expected at most %d)", used>>20, mostMemory>>20)
				}
				t.Logf("%v, %d MB", err, used>>20)
			})
		}
	}
}
