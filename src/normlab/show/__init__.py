"""What reports and explanations are shown with: theme, drawing, figures, numbers, pictures and files."""
