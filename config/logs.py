"""How Dido logs: one JSON object a line on standard error, with ids and codes only.

Called once by the settings. No patient fact may reach a logger: callers pass codes, never names or numbers.
"""

import logging
import logging.config

import structlog

# These log addresses with their query strings, every request, or a provider's own words.
QUIETER = {
    "twilio.http_client": "WARNING",
    "daphne": "WARNING",
    "django.channels.server": "WARNING",
    "urllib3": "WARNING",
    "notifications_python_client": "ERROR",
}


def configure(*, level: str) -> None:
    """Send structlog's and the standard library's records through one JSON renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {name: {"level": limit} for name, limit in QUIETER.items()},
        }
    )
