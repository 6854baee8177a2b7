//! A cache as one file, to be carried elsewhere: the entries as they are kept, each after a line with its length.
