"""The version that recipes, scripts and manifests name."""

VERSION = "0.1.0"
