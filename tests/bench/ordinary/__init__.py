"""The yardstick: the same job on an ordinary DRF stack, as its documentation teaches it.

No rules, no envelope, no workspaces. It stays as `startproject` and the DRF tutorial leave it, with
the deployment advice of both (persistent connections, an index where a list is ordered).
"""
