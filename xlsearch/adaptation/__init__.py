"""Adaptation methods: which weights of the model are trained. One file each."""
