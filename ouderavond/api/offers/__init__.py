"""What staff do on the desk page Offers, one file per topic. Each call checks the role first."""
