"""Every setting of Dido; the only reader of the environment. `.env.example` lists what it reads."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import stores
from config.environment import env, env_bool, env_int
from config.logs import configure

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
SECRET_KEY = env("SECRET_KEY")
PUBLIC_URL = env("PUBLIC_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured(
        f"PUBLIC_URL is {PUBLIC_URL!r}; it must be the address people use, like https://dido.example.nhs.uk."
    )
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = [h for h in env("ALLOWED_HOSTS", _public.hostname).split(",") if h]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "channels",
    "django_fsm",
    "network",
    "workforce",
    "realtime",
    "referrals",
    "paging",
    "frontend",
    "api",
    "demo",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "frontend.unseen.Unseen",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "frontend.context.everywhere",
            ]
        },
    }
]

# PostgreSQL is the only truth, the pager's only queue, and where sessions live.
DATABASES = {"default": dj_database_url.parse(env("DATABASE_URL"))}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database, like postgresql://user:password@host/name."
    )
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "pool": {"min_size": 1, "max_size": env_int("DATABASE_POOL_MAX", 16), "timeout": 5},
        "connect_timeout": 5,
        # A network that swallows packets holds nobody for longer than this.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "dido",
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis only rings: losing it costs a second of delay.
REDIS_URL = env("REDIS_URL")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1, "socket_timeout": 2}],
            "prefix": "dido",
        },
    }
}
# A ward has a few screens; a load test of the demonstration has a thousand.
FEED_SOCKETS_PER_PERSON = env_int("FEED_SOCKETS_PER_PERSON", 5000 if DEMO else 20)  # in one process
# Off where a pooler that keeps no sessions stands before PostgreSQL: Redis alone rings then.
FEED_LISTENS = env_bool("FEED_LISTENS", True)
FEED_RENDERER = "frontend.cards.frames"  # how a stream's entries become what a screen shows
FEED_PULSE = "paging.queries.last_tick"  # when a pager last worked, for the heartbeat of every screen
FEED_CASES = "referrals.audiences.cases"  # which streams may see a referral, for who looks at it
FEED_CHORE = "referrals.chores.do"  # what each web process does every few minutes
FEED_RECEIPTS = "referrals.conversation.marks.counts"  # what was read in the conversations that are open

AUTH_USER_MODEL = "network.Person"
AUTHENTICATION_BACKENDS = ["network.signed_in.SignIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_ENGINE = "network.signed_in"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-dido" if SECURE else "dido"
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"  # with "no-referrer" browsers send "Origin: null", which CSRF refuses
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", "") or str(BASE_DIR / "static-collected")
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
# Pictures and papers: in a file system outside every folder that is served, or in a store that speaks S3.
PAPERS_ROOT = env("PAPERS_ROOT", "") or str(BASE_DIR / ".papers")
PAPERS_INCOMING = env("PAPERS_INCOMING", "") or f"{PAPERS_ROOT}/incoming"
PAPERS_MOST_BYTES = env_int("PAPERS_MOST_MB", 200) * 1_000_000  # sent at once
PAPERS_MOST_PDF_BYTES = env_int("PAPERS_MOST_PDF_MB", 20) * 1_000_000
_is_s3 = stores.check_kind(env("PAPERS_STORAGE", "") or stores.FILES) == stores.S3
# Copies of what the store far away holds, for the frames of a stack; a file system needs none.
PAPERS_CACHE = (env("PAPERS_CACHE", "") or f"{PAPERS_ROOT}/cache") if _is_s3 else ""
PAPERS_CACHE_MOST_BYTES = env_int("PAPERS_CACHE_MOST_MB", 4000) * 1_000_000
_papers = stores.on_files(PAPERS_ROOT)
if _is_s3:
    _papers = stores.on_s3(
        bucket=env("PAPERS_S3_BUCKET", ""),
        endpoint=env("PAPERS_S3_ENDPOINT", ""),
        region=env("PAPERS_S3_REGION", ""),
        key_id=env("PAPERS_S3_KEY_ID", ""),
        secret=env("PAPERS_S3_SECRET", ""),
        folder=env("PAPERS_S3_FOLDER", ""),
    )
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "papers": _papers,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Twilio, or a server that answers like it at TWILIO_API_URL.
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env("TWILIO_FROM", "")
TWILIO_API_URL = env("TWILIO_API_URL", "").rstrip("/")
SIMULATOR_PORT = env_int("SIMULATOR_PORT", 0)

# The second way out for texts: GOV.UK Notify, or a server that answers like it at NOTIFY_API_URL.
NOTIFY_API_KEY = env("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE_ID = env("NOTIFY_TEMPLATE_ID", "")
NOTIFY_CALLBACK_TOKEN = env("NOTIFY_CALLBACK_TOKEN", "")
NOTIFY_API_URL = env("NOTIFY_API_URL", "").rstrip("/")

# Push to browsers (VAPID); endpoints only at these services.
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", "")
VAPID_SUBJECT = env("VAPID_SUBJECT", "")
PUSH_HOSTS = env(
    "PUSH_HOSTS",
    "fcm.googleapis.com,updates.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
).split(",")
PUSH_HOSTS = [host.strip() for host in PUSH_HOSTS if host.strip()]

# Who looks after the platform itself (a username), and who is told outside when the pager stops.
PLATFORM_OWNER = env("PLATFORM_OWNER", "")
DEADMAN_URL = env("DEADMAN_URL", "")

# The demonstration: how fast the night goes between steps, and which night it is.
NIGHT_SPEED = env_int("NIGHT_SPEED", 6)
NIGHT_SEED = env_int("NIGHT_SEED", 20)

LOGGING_CONFIG = None
configure(level=env("LOG_LEVEL", "INFO"))
