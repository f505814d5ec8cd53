"""The real servers that tests run against; each module starts one kind on a temporary folder and a free port."""
