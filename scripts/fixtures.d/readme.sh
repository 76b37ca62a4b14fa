write_readme() { :; }
