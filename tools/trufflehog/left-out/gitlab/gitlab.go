// Package gitlab stands in for the client of GitLab in our build of trufflehog: it compiles, and refuses to connect.
//
// Only the source of `trufflehog gitlab` uses the real client, which no scan here runs: the scanner runs `trufflehog filesystem`.
// No detector uses it. Written from the names that this source uses; it holds nothing of the client's own code.
package gitlab

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of GitLab")

// AccessLevelValue is a level that nobody is asked for.
type AccessLevelValue int

// GuestPermissions is the lowest level.
const GuestPermissions AccessLevelValue = 10

// ClientOptionFunc sets nothing.
type ClientOptionFunc any

// RequestOptionFunc sets nothing.
type RequestOptionFunc any

// Client cannot be had.
type Client struct {
	Commits  Commits
	Groups   Groups
	Projects Projects
	Users    Users
}

// NewBasicAuthClient always returns ErrLeftOut.
func NewBasicAuthClient(_, _ string, _ ...ClientOptionFunc) (*Client, error) {
	return nil, ErrLeftOut
}

// NewOAuthClient always returns ErrLeftOut.
func NewOAuthClient(string, ...ClientOptionFunc) (*Client, error) {
	return nil, ErrLeftOut
}

// Ptr returns where `value` is.
func Ptr[T any](value T) *T {
	return &value
}

// WithBaseURL sets nothing.
func WithBaseURL(string) ClientOptionFunc {
	return nil
}

// WithCustomRetryMax sets nothing.
func WithCustomRetryMax(int) ClientOptionFunc {
	return nil
}

// WithCustomRetryWaitMinMax sets nothing.
func WithCustomRetryWaitMinMax(_, _ time.Duration) ClientOptionFunc {
	return nil
}

// WithContext sets nothing.
func WithContext(context.Context) RequestOptionFunc {
	return nil
}

// WithKeysetPaginationParameters sets nothing.
func WithKeysetPaginationParameters(string) RequestOptionFunc {
	return nil
}

// Response is never received.
type Response struct {
	*http.Response
	NextPage int
	NextLink string
}

// Commits cannot be asked.
type Commits struct{}

// GetCommitDiff always returns ErrLeftOut.
func (Commits) GetCommitDiff(any, string, *GetCommitDiffOptions, ...RequestOptionFunc) ([]*Diff, *Response, error) {
	return nil, nil, ErrLeftOut
}

// GetCommitDiffOptions holds nothing.
type GetCommitDiffOptions struct{}

// Diff is a change of a file.
type Diff struct {
	Diff    string
	NewPath string
}

// Groups cannot be asked.
type Groups struct{}

// ListGroups always returns ErrLeftOut.
func (Groups) ListGroups(*ListGroupsOptions, ...RequestOptionFunc) ([]*Group, *Response, error) {
	return nil, nil, ErrLeftOut
}

// ListGroupProjects always returns ErrLeftOut.
func (Groups) ListGroupProjects(any, *ListGroupProjectsOptions, ...RequestOptionFunc) ([]*Project, *Response, error) {
	return nil, nil, ErrLeftOut
}

// Group is a group of projects.
type Group struct {
	ID       int
	FullPath string
}

// Projects cannot be asked.
type Projects struct{}

// GetProject always returns ErrLeftOut.
func (Projects) GetProject(any, any, ...RequestOptionFunc) (*Project, *Response, error) {
	return nil, nil, ErrLeftOut
}

// ListProjects always returns ErrLeftOut.
func (Projects) ListProjects(*ListProjectsOptions, ...RequestOptionFunc) ([]*Project, *Response, error) {
	return nil, nil, ErrLeftOut
}

// ListUserProjects always returns ErrLeftOut.
func (Projects) ListUserProjects(any, *ListProjectsOptions, ...RequestOptionFunc) ([]*Project, *Response, error) {
	return nil, nil, ErrLeftOut
}

// Project is a repository and what belongs to it.
type Project struct {
	ID                int
	HTTPURLToRepo     string
	NameWithNamespace string
	PathWithNamespace string
	Owner             *User
}

// Users cannot be asked.
type Users struct{}

// CurrentUser always returns ErrLeftOut.
func (Users) CurrentUser(...RequestOptionFunc) (*User, *Response, error) {
	return nil, nil, ErrLeftOut
}

// User is an account.
type User struct {
	ID       int
	Email    string
	Username string
}

// ListOptions says which page is wanted.
type ListOptions struct {
	OrderBy    string
	Page       int
	Pagination string
	PerPage    int
	Sort       string
}

// ListGroupsOptions says which groups are wanted.
type ListGroupsOptions struct {
	ListOptions
	AllAvailable *bool
	OrderBy      *string
	Owned        *bool
	Sort         *string
	TopLevelOnly *bool
}

// ListGroupProjectsOptions says which projects are wanted.
type ListGroupProjectsOptions struct {
	ListOptions
	IncludeSubGroups *bool
	MinAccessLevel   *AccessLevelValue
	OrderBy          *string
	Simple           *bool
	WithShared       *bool
}

// ListProjectsOptions says which projects are wanted.
type ListProjectsOptions struct {
	ListOptions
	Membership *bool
	OrderBy    *string
	Owned      *bool
	Simple     *bool
}
