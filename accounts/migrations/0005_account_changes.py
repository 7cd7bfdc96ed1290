import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_browsers_trusted_since"), ("practices", "0004_own_senders")]

    operations = [
        migrations.AddField(model_name="account", name="welcomed_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("password", "password"), ("email", "email address")], max_length=8),
                ),
                ("before_sealed", models.BinaryField()),
                ("secret_digest", models.BinaryField(max_length=32, unique=True)),
                ("at", models.DateTimeField(db_default=Now())),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="practices.practice"
                    ),
                ),
            ],
        ),
    ]
