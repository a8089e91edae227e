"""The network of the PIMMS and the labels its sites hold."""
