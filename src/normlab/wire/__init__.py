"""Binary logs, byte by byte: TensorBoard's event files, and the messages that they and others are made of."""
