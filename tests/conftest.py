"""What every test can use."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.testbeds.fixtures"]

# A busy machine is no defect: pytest's own time limit bounds a test that hangs.
settings.register_profile("posture", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("posture")
