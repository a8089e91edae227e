"""The whole service, as docs/deploy/ has it, in a scratch folder: what “.ci/serve” proves."""
