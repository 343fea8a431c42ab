"""What tests of several rooms share: servers, models, browsers and samples."""
