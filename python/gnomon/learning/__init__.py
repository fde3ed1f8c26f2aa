"""From measurements to bundles: join, fit, calibrate, adapt, judge."""
